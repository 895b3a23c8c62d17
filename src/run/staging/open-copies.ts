import type { Inspector } from '../../pages/inspector.ts';
import type { OpenedStage, Probe, StageSetup } from './stage-setup.ts';
import { StageSpace } from './stage-space.ts';
import { copyingFails } from './stage-words.ts';

/** The folder of a run's copies with what makes them. */
export interface OpenedCopies extends OpenedStage {
  readonly space: StageSpace;
  readonly inspector: Probe & Pick<Inspector, 'close'>;
}

/** Makes the folder of a run's copies; undefined where there is none, and `refused` has heard why, unless that was told. */
export async function openCopies(
  { openFolder, openInspector }: Pick<StageSetup, 'openFolder' | 'openInspector'>,
  refused: (why?: string) => void,
): Promise<OpenedCopies | undefined> {
  const folder = await openFolder().catch((error: unknown) => {
    refused(copyingFails(error));
    return undefined;
  });
  if (!folder) {
    refused();
    return undefined;
  }
  const { path, roomBytes } = folder;
  return {
    path,
    roomBytes,
    close: () => folder.close(),
    space: new StageSpace(roomBytes),
    inspector: openInspector(),
  };
}
