import { checkConfig } from './config.ts';
import type { DoctorContext } from './context.ts';
import { checkEarlierRuns } from './earlier-runs.ts';
import type { Diagnosis, Finding } from './finding.ts';
import { findFolders } from './folders.ts';
import { checkGpus } from './gpus.ts';
import { checkInput } from './input.ts';
import { checkLinks } from './links.ts';
import { checkNode } from './node.ts';
import { checkOpenFiles } from './open-files.ts';
import { checkOutput } from './output.ts';
import { checkPython } from './python.ts';
import { checkTorch } from './torch.ts';
import { checkTranslator } from './translator.ts';

/** Looks at all that a run needs. Tries the translator for real where it can be kept loaded, else for its help text alone; leaves nothing behind. */
export async function examine(context: DoctorContext): Promise<Diagnosis> {
  if (context.options.engine !== 'local') return examineForCluster(context);
  const [python, gpus, folders] = await Promise.all([
    checkPython(context),
    checkGpus(context),
    findFolders(context),
  ]);
  const torch = python.file === undefined ? [] : await checkTorch(python.file, gpus.gpus, context);
  const slot = gpus.slot ?? { id: 'cpu-0', gpu: null };
  const findings = [
    checkNode(),
    ...checkConfig(context),
    python.finding,
    ...(await checkTranslator(context, slot, folders.output)),
    ...gpus.findings,
    ...torch,
    ...folders.findings,
    ...(await checkDisks(folders, context)),
    await checkOpenFiles(context),
  ];
  return { v: 1, canStart: findings.every(({ level }) => level !== 'trouble'), findings };
}

/** The same for workers on other machines: Python, GPUs and translator are theirs. */
async function examineForCluster(context: DoctorContext): Promise<Diagnosis> {
  const { checkCluster } = await import('./cluster.ts');
  const folders = await findFolders(context);
  const findings = [
    checkNode(),
    ...checkConfig(context),
    ...(await checkCluster(context)),
    ...folders.findings,
    ...(await checkDisks(folders, context)),
  ];
  return { v: 1, canStart: findings.every(({ level }) => level !== 'trouble'), findings };
}

/** One after the other: at once they would measure each other. */
async function checkDisks(
  { input, output }: Awaited<ReturnType<typeof findFolders>>,
  context: DoctorContext,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (input) findings.push(...(await checkInput(input, context)));
  if (output) {
    findings.push(...(await checkOutput(output, context)));
    findings.push(await checkLinks(output, context));
    findings.push(...(await checkEarlierRuns(output, context)));
  }
  return findings;
}
