import { expect, test } from 'vitest';
import { formatGpus, gpusReport, minFreeOf } from '../../src/cli/gpus.ts';
import { PLAIN_PAINT } from '../../src/report/colours.ts';
import { textWidth } from '../../src/report/text-width.ts';
import { detectedNvidia, nothingDetected } from '../devices/recorded.ts';

test('shows each card and what auto uses', () => {
  const report = gpusReport({ detected: detectedNvidia('nvidia-t4x2.csv'), env: {} });
  expect(formatGpus(report)).toBe(
    [
      'GPU  name      memory free      of  use  UUID',
      '  0  Tesla T4     14.5 GiB  15 GiB  0 %  GPU-1c0f7f30-e7d0-5bb5-7d0f-d2356bf0d282',
      '  1  Tesla T4     14.5 GiB  15 GiB  0 %  GPU-480f4356-0daa-09e0-8f20-cc73a9bbc155',
      '',
      '--gpus auto uses: 0,1',
      '--gpus idle uses: 0,1',
      'listed by nvidia-smi',
      '',
    ].join('\n'),
  );
});

test('says why a card is left out', () => {
  const hidden = gpusReport({
    detected: detectedNvidia('nvidia-t4x2.csv'),
    env: { CUDA_VISIBLE_DEVICES: '1' },
  });
  expect(hidden.auto).toEqual([1]);
  expect(hidden.gpus[0]).toMatchObject({ auto: false, leftOut: 'CUDA_VISIBLE_DEVICES=1 hides it' });

  const mig = gpusReport({ detected: detectedNvidia('nvidia-mig.csv', 'nvidia-mig-list.txt'), env: {} });
  expect(mig.auto).toEqual([1, 2, 3]);
  expect(mig.gpus.map((gpu) => gpu.index)).toEqual([0, 1, 2, 3]);
  expect(formatGpus(mig)).toContain('not used: in MIG mode; its MIG devices are used instead: 2, 3');

  const broken = formatGpus(gpusReport({ detected: detectedNvidia('nvidia-needs-reset.csv'), env: {} }));
  expect(broken).toContain('not used: the driver reports that it needs a reset');
  expect(broken).toContain('warning: 99 % of its memory is already in use');
});

test('shows a dash for what the tool doesn’t know', () => {
  const report = gpusReport({ detected: detectedNvidia('nvidia-not-available.csv'), env: {} });
  expect(formatGpus(report).split('\n')[1]).toMatch(/^ {2}0 {2}NVIDIA GB10 +- +- +- {2}GPU-9d32cee8/);
});

test('no GPU: each tool’s trouble and two ways on', () => {
  const report = gpusReport({ detected: nothingDetected, env: {} });
  expect(report).toEqual({ gpus: [], auto: [], idle: [], troubles: nothingDetected.troubles });
  const text = formatGpus(report);
  expect(text).toContain('no GPU was found\n  nvidia-smi: not installed\n');
  expect(text).toContain('--gpus cpu');
});

test('colours only where they are asked for, control characters never', () => {
  const detected = {
    ...nothingDetected,
    gpus: [{ index: 0, vendor: 'nvidia' as const, name: 'bad\x1b[2Jname', visibleAs: '0' }],
  };
  const report = gpusReport({ detected, env: {} });
  const marked = {
    ...report,
    gpus: [{ index: 0, vendor: 'nvidia' as const, name: 'a\u202eb漢', auto: true }],
  };
  const [head = '', row = ''] = formatGpus(marked).split('\n');
  expect(row).toContain('a\\u202eb漢');
  expect(textWidth(row)).toBe(textWidth(head.trimEnd()) - 'UUID'.length + 1);
  expect(formatGpus(report)).not.toContain('\x1b');
  expect(formatGpus(report)).toContain('bad\\x1b[2Jname');
  const painted = formatGpus(report, { ...PLAIN_PAINT, bold: (text) => `<b>${text}</b>` });
  expect(painted).toMatch(/^<b>GPU .*<\/b>\n/);
});

test('says who holds what, and which cards are idle', () => {
  const detected = detectedNvidia('nvidia-t4x2.csv');
  const uses = new Map([
    [0, { holders: [{ pid: 7, name: 'py\x1b[2J', user: 'alice', memoryBytes: 3e9 }], hiddenBytes: 2e9 }],
  ]);
  const report = gpusReport({ detected, env: {}, uses });
  expect(report).toMatchObject({ auto: [0, 1], idle: [1], gpus: [{ hiddenBytes: 2e9 }, {}] });
  const text = formatGpus(report);
  expect(text).toContain('       in use: py\\x1b[2J (pid 7, alice) 3 GB\n');
  expect(text).toContain('       in use: processes that are not listed here 2 GB\n');
  expect(text).toContain('--gpus idle uses: 1\n');

  const blind = gpusReport({ detected, env: {}, trouble: 'nvidia-smi: no answer in 10 s' });
  expect(blind).toMatchObject({ idle: [], troubles: ['nvidia-smi: no answer in 10 s'] });
  expect(gpusReport({ detected, env: {}, minFreeBytes: 99e9 }).idle).toEqual([]);
});

test('--min-free is a size', () => {
  expect(minFreeOf({})).toBe(4e9);
  expect(minFreeOf({ minFree: '8GiB' })).toBe(8 * 1024 ** 3);
  expect(() => minFreeOf({ minFree: '8' })).toThrow('--min-free 8: a size needs a unit');
});
