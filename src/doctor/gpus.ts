import { detectGpus } from '../devices/detect.ts';
import { chooseGpus, noneIdle } from '../devices/idle.ts';
import { describeGpu } from '../devices/select.ts';
import { makeSlots } from '../devices/slots.ts';
import { Refusal } from '../model/refusal.ts';
import type { Gpu, Slot } from '../model/slot.ts';
import type { DoctorContext } from './context.ts';
import { type Finding, fine, trouble, warning } from './finding.ts';

const CHECK = 'GPUs';

/** The GPUs that a run would take, and what is to be said of them. */
interface GpuFinding {
  readonly gpus: readonly Gpu[];
  /** Undefined where a run could not start. */
  readonly slot?: Slot | undefined;
  readonly findings: readonly Finding[];
}

/** What the machine's tools list, and what `--gpus` makes of it. */
export async function checkGpus({ options, env, call, redact }: DoctorContext): Promise<GpuFinding> {
  if (options.gpus.trim().toLowerCase() === 'cpu') {
    const [slot] = makeSlots({ gpus: [], cpu: true, workersPerGpu: 1 });
    return { gpus: [], slot, findings: [fine(CHECK, 'none requested: --gpus cpu')] };
  }
  const detected = await detectGpus({ run: call, env, redact: redact.text });
  try {
    const { gpus: wanted, minFreeBytes } = options;
    const asked = { wanted, minFreeBytes, detected, env, run: call, redact: redact.text };
    const selected = await chooseGpus(asked);
    if (selected.by === 'none-idle') throw noneIdle(selected.taken);
    const [slot] = makeSlots({ ...selected, workersPerGpu: 1 });
    const names = selected.gpus.map(describeGpu).join(', ');
    const by = detected.tool === undefined ? '' : `, listed by ${detected.tool}`;
    const warnings = selected.notices.map((text) =>
      warning(CHECK, text, 'see all GPUs: mgpu-translate gpus'),
    );
    return {
      gpus: selected.gpus,
      slot,
      findings: [fine(CHECK, `--gpus ${options.gpus} uses ${names}${by}`), ...warnings],
    };
  } catch (error) {
    if (error instanceof Refusal) return { gpus: [], findings: [trouble(CHECK, error.message, error.hint)] };
    throw error;
  }
}
