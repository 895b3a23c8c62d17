import type { ReportData } from '../report/html/report-data.ts';
import { count, gpuText, percent, secondsText } from './words.ts';

/** What each GPU did. */
export function GpuTable({ data }: { readonly data: ReportData }) {
  const gpus = data.report.gpus.filter(({ loads, pages }) => loads + pages > 0);
  if (gpus.length === 0) return null;
  return (
    <section>
      <h2>GPUs</h2>
      <div class="scroll">
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">GPU</th>
              <th scope="col" class="figure">
                Pages
              </th>
              <th scope="col" class="figure">
                Failed
              </th>
              <th scope="col" class="figure">
                Per page
              </th>
              <th scope="col" class="figure">
                Busy
              </th>
              <th scope="col" class="figure">
                Loads
              </th>
              <th scope="col" class="figure">
                Per load
              </th>
            </tr>
          </thead>
          <tbody>
            {gpus.map((gpu) => (
              <tr key={gpuText(gpu.gpu, gpu.part)}>
                <td>
                  {gpuText(gpu.gpu, gpu.part)} <span class="dim">{gpu.name}</span>
                </td>
                <td class="figure">{count(gpu.pages)}</td>
                <td class="figure">{count(gpu.outcomes.failed)}</td>
                <td class="figure">{secondsText(gpu.secondsPerPage ?? undefined)}</td>
                <td class="figure">{percent(gpu.busyShare)}</td>
                <td class="figure">{count(gpu.loads)}</td>
                <td class="figure">{secondsText(gpu.secondsPerLoad ?? undefined)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
