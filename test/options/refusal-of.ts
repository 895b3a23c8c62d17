import { Refusal } from '../../src/model/refusal.ts';

/** The Refusal that `attempt` ends with; anything else fails the test. */
export const refusalOf = async (attempt: () => unknown): Promise<Refusal> => {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};
