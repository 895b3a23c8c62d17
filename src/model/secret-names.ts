/** Stands where a secret stood. */
export const REDACTED = '[redacted]';

/** `AUTHOR`, `TOKENIZER`, `KEYBOARD` and `PWD` (the current folder) are no secrets; `AUTHORIZATION` and `DB_PWD` and `--pwd` are. */
const SECRET_NAME =
  /KEY(?!BOARD)|TOKEN(?!IZ)|SECRET|PASSWORD|PASSWD|(?<=[A-Z0-9]_|-)PWD|PASSPHRASE|AUTH(?!OR(?!I))|CREDENTIAL|BEARER/i;
const FLAG = /^--?[A-Za-z]/;

/** True for the name of a variable, option or field that holds a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** True for a word that begins like an option. */
export const isFlag = (word: string): boolean => FLAG.test(word);

/** True for an option, without a value behind `=`, whose value is a secret. */
export const isSecretFlag = (word: string): boolean =>
  isFlag(word) && !word.includes('=') && isSecretName(word);

/** True for an option whose value is a login: `-u user:password`, as curl has it. */
export const isLoginFlag = (word: string): boolean => /^(?:-[uU]|--(?:proxy-)?user)$/.test(word);
