import { expect, test } from 'vitest';
import { Place } from './rig.ts';

test('a folder with parentheses is left out, and a pattern that matches no page is told', async () => {
  const place = await Place.make({ gpus: 1, pages: ['Title (2020)/1.png', 'ch1/1.png', 'ch1/2.png'] });
  const filters = ['--exclude', 'Title (2020)/', '--exclude', 'Titel/', '--include', '*.png'];
  const launcher = place.start({ argv: ['run', 'input', ...filters, '--json'] });
  expect(await launcher.exit, launcher.stderr).toBe(0);
  const notices = launcher.events.flatMap((event) => (event.type === 'notice' ? [event.text] : []));
  expect(notices.filter((text) => text.includes('matched no page'))).toEqual([
    '--exclude Titel/ matched no page.',
  ]);
  expect(launcher.events.at(-1)).toMatchObject({ counts: { translated: 2 } });
});
