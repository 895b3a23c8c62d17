/** Lines that stand beside each other. */
const PALETTE = ['#4f6bed', '#0f9d8a', '#c2571a', '#9b4dca', '#b58900', '#2f8f46', '#c8417b', '#5b7083'];

export const colorOf = (place: number): string => PALETTE[place % PALETTE.length] ?? '#888888';

/** The colours of the style sheet, as they are now: canvases don't know its variables. */
export function themeColors() {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    text: color('text'),
    dim: color('dim'),
    line: color('line'),
    surface: color('surface'),
    load: color('load'),
    retry: color('retry'),
    waiting: color('waiting'),
    outcomes: {
      translated: color('translated'),
      'no-text': color('no-text'),
      untranslated: color('untranslated'),
      failed: color('failed'),
      left: color('left'),
    },
  };
}

export type ThemeColors = ReturnType<typeof themeColors>;
