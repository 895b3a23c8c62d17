import { expect, test } from 'vitest';
import { holdOne, notTried } from '../../src/doctor/cluster.ts';
import { ClusterNodes } from '../../src/workers/hosts/ray/cluster-nodes.ts';
import { Reservations } from '../../src/workers/hosts/ray/reservations.ts';
import { nodeNamed, ScriptedDriver } from '../fixtures/scripted-driver.ts';

test('where no worker can be started on any node, doctor says why, and waits for nothing', async () => {
  const scripted = new ScriptedDriver();
  const nodes = new ClusterNodes([nodeNamed('n1', 1)]);
  const reservations = new Reservations({ driver: scripted.driver, nodes, most: 1 });
  const message = 'the guard of the workers did not start';
  scripted.onCommand = (command) => {
    if (command.type === 'reserve') scripted.say({ type: 'unplaced', gpu: command.gpu, message });
  };
  expect(await holdOne(reservations)).toBeUndefined();
  expect(notTried('demo', reservations)).toMatchObject({ text: expect.stringContaining(message) });
  expect(notTried('demo', { lastWords: undefined })).toMatchObject({
    text: expect.stringContaining('no GPU is free'),
  });
});
