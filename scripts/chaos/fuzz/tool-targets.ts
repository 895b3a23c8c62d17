import { parseAmdSmi, parseRocmSmi } from '../../../src/devices/amd.ts';
import { nvidiaGpus, parseMigDevices, parseNvidiaQuery } from '../../../src/devices/nvidia.ts';
import { selectGpus } from '../../../src/devices/select.ts';
import { visibleGpus } from '../../../src/devices/visible.ts';
import { asBuffers, type FuzzTarget } from './target.ts';

const QUERY =
  '0, GPU-aaaa, Tesla T4, 15360, 15000, 3, Disabled\n1, GPU-bbbb, NVIDIA A100, 40960, 40000, [N/A], Enabled\n';
const LIST =
  'GPU 0: Tesla T4 (UUID: GPU-aaaa)\nGPU 1: NVIDIA A100 (UUID: GPU-bbbb)\n  MIG 3g.20gb     Device  0: (UUID: MIG-cccc)\n';
const AMD_LIST = '[{"gpu":0,"bdf":"0000:03:00.0","uuid":"abff74a1","hip_uuid":"GPU-1234"}]';
const AMD_METRIC =
  '{"gpu_data":[{"gpu":0,"usage":{"gfx_activity":{"value":3,"unit":"%"}},"mem_usage":{"total_vram":{"value":16368,"unit":"MB"},"used_vram":{"value":12,"unit":"MB"}}}]}';
const ROCM =
  'WARNING: low power\n{"card0":{"Unique ID":"0x1234","VRAM Total Memory (B)":"17163091968","VRAM Total Used Memory (B)":"12","Card Series":"RX","GPU use (%)":"3"}}\n';
/** A machine with sixteen cards says less. */
const LONGEST = 64 * 1024;

/** What nvidia-smi, amd-smi and rocm-smi say, and the variables that hide cards. */
export const toolTargets: readonly FuzzTarget[] = [
  {
    name: 'nvidia-smi',
    kind: 'tools',
    examples: asBuffers(QUERY, LIST),
    words: [', ', '\n', 'MIG ', 'Device 0: (UUID: MIG-', '[N/A]', '(UUID: GPU-', 'requires reset', ' '],
    longestBytes: LONGEST,
    share: 0.5,
    read: (input) => {
      const text = input.toString('utf8');
      const { cards } = parseNvidiaQuery(text, { mig: true });
      parseNvidiaQuery(text, { mig: false });
      return nvidiaGpus(cards, [...parseMigDevices(text), ...parseMigDevices(LIST)]);
    },
  },
  {
    name: 'amd-smi',
    kind: 'tools',
    examples: asBuffers(AMD_LIST, AMD_METRIC, ROCM),
    words: ['\n{', '\n[', '\n}', '"value":', '"unit":"MB"', '"card0":', '"gpu":0'],
    longestBytes: LONGEST,
    share: 0.5,
    read: (input) => {
      const text = input.toString('utf8');
      parseRocmSmi(text);
      parseAmdSmi({ list: text, static: text, metric: text });
      return parseAmdSmi({ list: AMD_LIST, static: text, metric: text });
    },
  },
  {
    name: 'gpu-list',
    kind: 'tools',
    examples: asBuffers('0,1', '0-3,5', 'GPU-aaaa', 'auto', 'MIG-cccc,0'),
    words: [',', '-', '0', 'GPU-', 'MIG-', '1023'],
    longestBytes: 128 * 1024,
    share: 0.5,
    read: (input) => {
      const text = input.toString('utf8');
      visibleGpus(DETECTED, { CUDA_VISIBLE_DEVICES: text, ROCR_VISIBLE_DEVICES: text });
      try {
        selectGpus({ wanted: text, detected: { gpus: [], unusable: [], troubles: [] }, env: {} });
      } finally {
        selectGpus({ wanted: text, detected: DETECTED, env: {} });
      }
    },
  },
];

const DETECTED = {
  tool: 'nvidia-smi' as const,
  troubles: [],
  ...nvidiaGpus(parseNvidiaQuery(QUERY, { mig: true }).cards, parseMigDevices(LIST)),
};
