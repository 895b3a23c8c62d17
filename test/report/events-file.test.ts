import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EventsFile } from '../../src/report/events-file.ts';
import { at, failed, started } from './streams.ts';

test('holds every event in order, but no line of a translator', async () => {
  const path = join(await mkdtemp(join(tmpdir(), 'events-')), 'runs', 'r1', 'events.ndjson');
  const file = new EventsFile(path, (error) => {
    throw error;
  });
  const events = [started(['gpu0-0']), ...Array.from({ length: 500 }, (_, n) => at(n, failed(`p${n}`)))];
  for (const event of events) {
    file.report(event);
    file.report(at(1, { type: 'worker-log', slot: 'gpu0-0', stream: 'stdout', text: 'x', level: 'error' }));
  }
  await file.close();
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(events);
});

test('an error is told of once and ends nothing', async () => {
  const errors: Error[] = [];
  const file = new EventsFile('/dev/null/events.ndjson', (error) => errors.push(error));
  file.report(at(1, failed('a')));
  await file.close();
  file.report(at(2, failed('b')));
  await file.close();
  expect(errors).toHaveLength(1);
});
