/** Keys that are known by their form: OpenAI and its like, Google, Hugging Face, DeepL, GitHub, AWS and others, and JWTs. */
export const TOKEN_SHAPES = new RegExp(
  `(?<![A-Za-z0-9])(?:${[
    'sk-[A-Za-z0-9_-]{8,}',
    'AIza[A-Za-z0-9_-]{10,}',
    'hf_[A-Za-z0-9]{8,}',
    '(?:gsk_|xai-|glpat-|nvapi-|pplx-|r8_|github_pat_|gh[pousr]_|xox[abposr]-)[A-Za-z0-9_-]{12,}',
    '(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])',
    String.raw`(?<![_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)?`,
    '(?<!-)[A-Za-z0-9-]{8,64}:fx(?![A-Za-z0-9])',
  ].join('|')})`,
  'g',
);

const SURE = /^(?:AIza|AKIA|ASIA|eyJ|sk-(?:admin|ant|or|proj|svcacct)-)/;
const PREFIX = /^(?:github_pat_|[a-z0-9]{2,6}[_-])/;
const FILE_SUFFIX =
  /^\.(?:png|jpe?g|jpe|webp|gif|bmp|tiff?|avif|heic|jxl|json|txt|log|py|zip|cbz|html?|md|ya?ml|bin|pth?|ckpt|onnx|safetensors|ttf|otf)(?![A-Za-z0-9])/i;
const LONG_RUN = /[A-Za-z0-9]{16}/;
const MIXED_RUN = /(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{8}/;
const LONG_BODY = 20;

/** True for a form that is no name: `sk-001.png`, `hf_hub_download` and `sk-chapter-01` are names. `behind` follows the form. */
export function isTokenShape(token: string, behind: string): boolean {
  if (SURE.test(token)) return true;
  if (FILE_SUFFIX.test(behind)) return false;
  const hasDigit = /\d/.test(token);
  if (token.endsWith(':fx')) return hasDigit;
  const body = token.replace(PREFIX, '');
  const isRandom = LONG_RUN.test(body) || MIXED_RUN.test(body);
  return isRandom || (hasDigit && body.length >= LONG_BODY && !behind.startsWith('/'));
}
