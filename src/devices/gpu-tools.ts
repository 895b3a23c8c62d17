import type { RunTool, ToolEnd } from './run-tool.ts';

/** What lists GPUs, the first one asked first. */
export type GpuTool = 'nvidia-smi' | 'amd-smi' | 'rocm-smi';

/** How long a tool may take to answer: a driver that is broken may never do. */
export const TOOL_LIMIT_MS = 10_000;

/** Where drivers put the tools without adding to PATH: WSL, containers of Kubernetes, ROCm's packages. */
export const TOOL_FOLDERS: Readonly<Record<GpuTool, readonly string[]>> = {
  'nvidia-smi': ['/usr/lib/wsl/lib', '/usr/local/nvidia/bin'],
  'amd-smi': ['/opt/rocm/bin'],
  'rocm-smi': ['/opt/rocm/bin'],
};

/** How the tools are called. */
interface ToolSetting {
  readonly run: RunTool;
  readonly env: NodeJS.ProcessEnv;
  /** Ends the call early. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls a tool that lists GPUs, for 10 s at most. Rejects as `RunTool` does. */
export const callGpuTool = (
  tool: GpuTool,
  args: readonly string[],
  { run, ...setting }: ToolSetting,
): Promise<ToolEnd> =>
  run({ ...setting, command: tool, args, alsoIn: TOOL_FOLDERS[tool], timeoutMs: TOOL_LIMIT_MS });
