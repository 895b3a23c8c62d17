import { durationText } from '../report/format.ts';
import type { ReportData } from '../report/html/report-data.ts';

/** `12,345` */
export const count = (value: number): string => value.toLocaleString('en');

export const pagesText = (value: number): string => `${count(value)} ${value === 1 ? 'page' : 'pages'}`;

/** `3.4 s`; a dash where it is not known. */
export const secondsText = (seconds: number | undefined): string =>
  seconds === undefined ? '–' : durationText(seconds);

/** A moment of the run: `0:04`, `1:02:03`; `h:mm:ss` from an hour on. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export const dateText = (ms: number): string =>
  new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

export const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** `gpu0`, `cpu`; with its part, where there are several. */
export const gpuText = (gpu: number | null, part?: number): string =>
  `${part === undefined ? '' : `part ${part}, `}${gpu === null ? 'CPU' : `GPU ${gpu}`}`;

export function slotText({ slots }: Pick<ReportData, 'slots'>, at: number): string {
  const slot = slots[at];
  if (slot === undefined) return '–';
  return slot.part === undefined ? slot.slot : `${slot.part}: ${slot.slot}`;
}

export const bytesText = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
