/** The folder that a run keeps for itself in its output. */
export const STATE_FOLDER = '.mgpu';
