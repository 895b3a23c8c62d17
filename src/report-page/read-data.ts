import type { ReportData } from '../report/html/report-data.ts';

/** Unpacks the data that stands in the file. @throws what the browser throws where it can't be read */
export async function readData(): Promise<ReportData> {
  const text = document.getElementById('data')?.textContent ?? '';
  const packed = bytesOf(text);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()) as ReportData;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** An image within the file, as an address; undefined where it is not there. */
export function embeddedImage(side: 'original' | 'result', at: number): string | undefined {
  const element = document.getElementById(`${side}-${at}`);
  const type = element?.getAttribute('type') ?? '';
  return element && type.startsWith('image/') ? `data:${type};base64,${element.textContent}` : undefined;
}
