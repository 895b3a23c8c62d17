/** A command of ours that does what others call otherwise. */
interface OtherCommand {
  readonly command: string;
  readonly why?: string;
}

/** Commands of other programs, by what does the same here. */
const OTHER_COMMANDS: readonly (readonly [names: readonly string[], OtherCommand])[] = [
  [
    ['resume', 'continue', 'restart', 'retry', 'rerun'],
    { command: 'run', why: 'run resumes by itself, and tries failed pages again' },
  ],
  [['preview', 'dry-run', 'simulate', 'estimate'], { command: 'plan' }],
  [['check', 'diagnose', 'verify'], { command: 'doctor' }],
  [['status', 'summary', 'stats'], { command: 'report' }],
  [['devices', 'nvidia-smi'], { command: 'gpus' }],
];

/** The command that does what this word asks for; undefined for a word that no other program has for it. */
export const otherCommand = (word: string): OtherCommand | undefined =>
  OTHER_COMMANDS.find(([names]) => names.includes(word.toLowerCase()))?.[1];
