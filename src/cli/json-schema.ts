import * as z from 'zod';
import { diagnosisSchema } from '../doctor/finding.ts';
import { defaultText, type OptionSpec } from '../options/option-spec.ts';
import { RUN_OPTIONS } from '../options/option-table.ts';
import { planSchema } from '../plan/plan-schema.ts';
import { runReportSchema } from '../report/report-schema.ts';

/** The JSON Schemas that the package holds, by their file's name: of the config file and of what `--json` prints. */
export const jsonSchemas = (): Record<string, unknown> => ({
  'config.schema.json': configJsonSchema(),
  'plan.schema.json': z.toJSONSchema(planSchema, { target: 'draft-7' }),
  'report.schema.json': z.toJSONSchema(runReportSchema, { target: 'draft-7' }),
  'doctor.schema.json': z.toJSONSchema(diagnosisSchema, { target: 'draft-7' }),
});

/** JSON Schema (draft 7, which editors know best) of the config file, made from the types that read it. */
export function configJsonSchema(): Record<string, unknown> {
  const options: readonly (readonly [string, OptionSpec])[] = Object.entries(RUN_OPTIONS);
  const shape = Object.fromEntries(
    options
      .filter(([, spec]) => !spec.flagOnly)
      .map(([key, spec]) => [key, spec.type.meta({ description: described(spec) }).optional()]),
  );
  const config = z.strictObject({ $schema: z.string().optional(), ...shape }).meta({
    title: 'Configuration of mgpu-translate',
    description: 'Options of `mgpu-translate run`; flags and MGPU_* variables override them.',
  });
  return { ...z.toJSONSchema(config, { target: 'draft-7', io: 'input' }) };
}

function described(spec: OptionSpec): string {
  const otherwise = defaultText(spec);
  return otherwise === undefined ? spec.about : `${spec.about} (default: ${otherwise})`;
}
