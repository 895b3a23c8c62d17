import * as z from 'zod';
import { parsedJson } from '../model/parsed-json.ts';
import type { Gpu } from '../model/slot.ts';
import { pythonLines } from '../translators/python.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, unchecked, warning } from './finding.ts';

const CHECK = 'torch';
const LIMIT_MS = 60_000;

/** One call: whether there is a torch at all, then what it sees. Marked, because start-up files may print things too. */
const ASK = `import importlib.util, json
said = {}
if importlib.util.find_spec("torch"):
    try:
        import torch
        count = torch.cuda.device_count()
        said = {"version": torch.__version__, "devices": [torch.cuda.get_device_name(i) for i in range(count)]}
    except Exception as error:
        said = {"error": "%s: %s" % (type(error).__name__, error)}
sys.stdout.write("\\nmgpu:" + json.dumps(said) + "\\n")`;

const answer = z.object({
  version: z.string().optional(),
  devices: z.array(z.string()).optional(),
  error: z.string().optional(),
});

/** What the chosen Python's torch sees of the GPUs that a run would take; no finding where it has no torch. */
export async function checkTorch(
  python: string,
  gpus: readonly Gpu[],
  context: DoctorContext,
): Promise<Finding[]> {
  const { env, call, quote } = context;
  const end = await call({
    command: python,
    ...pythonLines(ASK, { ...env, CUDA_DEVICE_ORDER: 'PCI_BUS_ID', PYTHONDONTWRITEBYTECODE: '1' }),
    timeoutMs: LIMIT_MS,
  });
  const mend = `${quote([python])} -m pip install --force-reinstall torch torchvision`;
  if (end.by === 'timeout') return [warning(CHECK, `importing it took longer than ${LIMIT_MS / 1000} s`)];
  const said =
    end.by === 'exit'
      ? answer.safeParse(parsedJson(/^mgpu:(.+)$/m.exec(end.stdout)?.[1] ?? '')).data
      : undefined;
  if (said === undefined) return [warning(CHECK, `${python} could not be asked`)];
  if (said.error !== undefined) return [warning(CHECK, `can't be imported: ${said.error}`, mend)];
  if (said.version === undefined || said.devices === undefined)
    return [
      unchecked(
        CHECK,
        `${python} does not have it (if the translator needs it, choose the translator's Python: --python)`,
      ),
    ];
  const sees = said.devices.length === 0 ? 'no GPU' : said.devices.join(', ');
  const text = `${said.version} sees ${sees}`;
  if (said.devices.length >= gpus.length) return [fine(CHECK, text)];
  const words =
    said.devices.length === 0 && /\+cpu$/.test(said.version) ? ': it was built for the CPU only' : '';
  return [warning(CHECK, `${text}, a run would use ${gpus.length}${words}`, mend)];
}
