import { checkConfig } from './config.ts';
import { checkEarlierRuns } from './earlier-runs.ts';
import type { Diagnosis, Finding } from './finding.ts';
import { findFolders } from './folders.ts';
import { checkGpus } from './gpus.ts';
import { checkInput } from './input.ts';
import { checkLinks } from './links.ts';
import { checkNode } from './node.ts';
import { checkOpenFiles } from './open-files.ts';
import { checkOutput } from './output.ts';
import type { Patient } from './patient.ts';
import { checkPython } from './python.ts';
import { checkTorch } from './torch.ts';
import { checkTranslator } from './translator.ts';

/** Looks at all that a run needs. Tries the translator for real where it can be kept loaded, else for its help text alone; leaves nothing behind. */
export async function examine(patient: Patient): Promise<Diagnosis> {
  const [python, gpus, folders] = await Promise.all([
    checkPython(patient),
    checkGpus(patient),
    findFolders(patient),
  ]);
  const torch = python.file === undefined ? [] : await checkTorch(python.file, gpus.gpus, patient);
  const slot = gpus.slot ?? { id: 'cpu-0', gpu: null };
  const findings = [
    checkNode(),
    ...checkConfig(patient),
    python.finding,
    ...(await checkTranslator(patient, slot)),
    ...gpus.findings,
    ...torch,
    ...folders.findings,
    ...(await checkDisks(folders, patient)),
    await checkOpenFiles(patient),
  ];
  return { v: 1, canStart: findings.every(({ level }) => level !== 'trouble'), findings };
}

/** One after the other: at once they would measure each other. */
async function checkDisks(
  { input, output }: Awaited<ReturnType<typeof findFolders>>,
  patient: Patient,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (input) findings.push(await checkInput(input));
  if (output) {
    findings.push(...(await checkOutput(output, patient)));
    findings.push(await checkLinks(output, patient));
    findings.push(...(await checkEarlierRuns(output, patient)));
  }
  return findings;
}
