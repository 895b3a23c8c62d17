import type { ReportData, ReportedMark } from '../report/html/report-data.ts';

/** Something that happened to a slot, or to the GPU that it is on, in seconds since the start. */
export interface LaneMark {
  readonly kind: 'exited' | 'benched' | 'retired' | 'packing';
  /** Place of the slot. */
  readonly lane: number;
  readonly seconds: number;
  readonly text: string;
}

/** The marks on slots' lines: what happened to a GPU is on each of its slots, and how many workers share it on the first. */
export function laneMarks({ marks, slots }: Pick<ReportData, 'marks' | 'slots'>): LaneMark[] {
  const onGpu = (mark: ReportedMark): number[] =>
    slots.flatMap(({ gpu, part }, at) => (gpu === mark.gpu && part === mark.part ? [at] : []));
  const lanesOf = (mark: ReportedMark): readonly number[] => {
    switch (mark.kind) {
      case 'exited':
      case 'retired':
        return mark.slot === undefined ? [] : [mark.slot];
      case 'benched':
        return onGpu(mark);
      case 'packing':
        return onGpu(mark).slice(0, 1);
      case 'joined':
      case 'waiting':
        return [];
    }
  };
  return marks.flatMap((mark) =>
    lanesOf(mark).map((lane) => ({
      kind: mark.kind as LaneMark['kind'],
      lane,
      seconds: mark.at / 100,
      text: mark.text,
    })),
  );
}

/** From when to when a slot took pages; undefined: from the start, or to the end. */
export function timeOfSlot(
  { marks, slots }: Pick<ReportData, 'marks' | 'slots'>,
  at: number,
): { readonly joined?: number; readonly retired?: number } {
  const slot = slots[at];
  let joined: number | undefined;
  let retired: number | undefined;
  let isFirst = true;
  for (const mark of marks) {
    const isIn = mark.kind === 'joined' && mark.slot === at;
    const isOut =
      (mark.kind === 'retired' && mark.slot === at) ||
      (mark.kind === 'benched' && mark.gpu === slot?.gpu && mark.part === slot?.part);
    if (isIn && isFirst) joined = mark.at / 100;
    if (isIn) retired = undefined;
    if (isOut) retired ??= mark.at / 100;
    if (isIn || isOut) isFirst = false;
  }
  return { ...(joined !== undefined && { joined }), ...(retired !== undefined && { retired }) };
}

/** The mark of a slot within `near` seconds of a moment, the nearest of several. */
export function markAt(
  marks: readonly LaneMark[],
  { lane, seconds, near }: { readonly lane: number; readonly seconds: number; readonly near: number },
): LaneMark | undefined {
  const away = (mark: LaneMark): number => Math.abs(mark.seconds - seconds);
  return marks
    .filter((mark) => mark.lane === lane && away(mark) <= near)
    .reduce<LaneMark | undefined>((one, other) => (one && away(one) <= away(other) ? one : other), undefined);
}
