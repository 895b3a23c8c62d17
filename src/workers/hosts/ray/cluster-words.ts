import type { NamedNode } from './cluster-nodes.ts';
import type { RayCluster } from './ray-cluster.ts';

/** `Ray 2.60.0 at 10.0.0.1:6379`. */
export const clusterWords = ({ version, address }: Pick<RayCluster, 'version' | 'address'>): string =>
  `Ray ${version} at ${address}`;

/** `node1  10.0.0.1 (gpu-a): 8 GPUs, 6 free`. */
export function nodeWords({ label, address, name, gpus, gpusFree }: NamedNode): string {
  const free = gpusFree == null || gpus === 0 ? '' : `, ${gpusFree} free`;
  return `${label}  ${address}${name === '' ? '' : ` (${name})`}: ${gpus} ${gpus === 1 ? 'GPU' : 'GPUs'}${free}`;
}
