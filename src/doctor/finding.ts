import * as z from 'zod';

/** `trouble`: a run could not start. `unchecked`: it could not be looked at, and why. */
const LEVELS = ['ok', 'warning', 'trouble', 'unchecked'] as const;
export type Level = (typeof LEVELS)[number];

const finding = z.object({
  check: z.string().describe('What was looked at'),
  level: z.enum(LEVELS),
  text: z.string(),
  mend: z.string().optional().describe('The command that fixes it, or what to do'),
});

/** What `doctor --json` prints. */
export const diagnosisSchema = z.object({
  v: z.literal(1),
  canStart: z.boolean().describe('False if a finding is of level trouble'),
  findings: z.array(finding),
});

/** One line of what the doctor says. */
export type Finding = z.infer<typeof finding>;
export type Diagnosis = z.infer<typeof diagnosisSchema>;

/** All is well with this. */
export const fine = (check: string, text: string): Finding => ({ check, level: 'ok', text });

const finds =
  (level: Level) =>
  (check: string, text: string, mend?: string): Finding => ({
    check,
    level,
    text,
    ...(mend !== undefined && { mend }),
  });

/** A run would work, perhaps not as the user thinks. */
export const warning = finds('warning');

/** A run could not start. */
export const trouble = finds('trouble');

/** Nothing could be found out. */
export const unchecked = finds('unchecked');
