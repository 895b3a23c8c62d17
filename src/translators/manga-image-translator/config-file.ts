import { createHash } from 'node:crypto';
import path from 'node:path';
import { errorCode, errorMessage } from '../../model/error-code.ts';
import { usageError } from '../../model/refusal.ts';
import { readRegular } from '../../pages/open-regular.ts';

/** What the launcher has to know of a `--config-file`. */
interface MangaConfigFile {
  /** Of its content: pages made with another content are pages made with other options. */
  readonly hash: string;
  /** A translator is named in it that can be given the pages before as context. */
  readonly usesContext: boolean;
}

const LARGEST_BYTES = 16 * 1024 * 1024;

/** Only these translators are given the pages before: `chatgpt`, `chatgpt_2stage`, alone or in a chain. */
const WITH_CONTEXT = /\bchatgpt(?:_2stage)?\b/;

/**
 * Reads a `--config-file` before any model is loaded: the program itself tells of a broken one with an exit code of 0.
 * @param file absolute
 * @throws Refusal (exit 2) where it is missing, neither `.json` nor `.toml`, or no JSON
 */
export async function readMangaConfig(file: string): Promise<MangaConfigFile> {
  const suffix = path.extname(file).toLowerCase();
  if (suffix !== '.json' && suffix !== '.toml') {
    throw usageError(
      `--config-file ${file}: neither .json nor .toml`,
      'manga-image-translator reads no other kind',
    );
  }
  const text = await readRegular(file, { maxBytes: LARGEST_BYTES, followLinks: true }).catch(
    (error: unknown) => {
      const why = errorCode(error) === 'ENOENT' ? 'no such file' : errorMessage(error);
      throw usageError(`--config-file ${file}: ${why}`);
    },
  );
  if (suffix === '.json') checkJson(file, text);
  return {
    hash: createHash('sha256').update(text).digest('hex').slice(0, 16),
    usesContext: WITH_CONTEXT.test(text),
  };
}

function checkJson(file: string, text: string): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw usageError(`--config-file ${file}: not valid JSON: ${errorMessage(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usageError(
      `--config-file ${file}: not a JSON object`,
      '{"translator": {"translator": "sugoi", "target_lang": "ENG"}}',
    );
  }
}
