/** What a worker is started with on its node. `{files}`, `{work}` and `{home}` stand for folders there, and a leading `~/` too. */
export interface NodeLaunch {
  readonly argv: readonly string[];
  /** Positions of the words in which they do; missing: in all. */
  readonly placed?: readonly number[];
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** Content in base64, by the name in `{files}`. */
  readonly files: Readonly<Record<string, string>>;
  /** It sees the GPU that is held for it, and no other. */
  readonly device: boolean;
}

/** What the driver is told. */
export type DriverCommand =
  | {
      readonly type: 'hello';
      readonly v: 1;
      readonly address: string;
      readonly leaseSeconds: number;
      /** A cluster without a GPU is waited for. */
      readonly wait: boolean;
    }
  | { readonly type: 'reserve'; readonly gpu: string; readonly node: string | null }
  | { readonly type: 'start'; readonly slot: string; readonly gpu: string; readonly launch: NodeLaunch }
  | {
      readonly type: 'file';
      readonly slot: string;
      readonly id: string;
      readonly source: string;
      readonly name: string;
    }
  | {
      readonly type: 'line';
      readonly slot: string;
      readonly text: string;
      readonly id?: string;
      readonly output?: string;
    }
  /** The file of a page that is not handed over: nobody needs it there. */
  | { readonly type: 'forget'; readonly slot: string; readonly id: string }
  | { readonly type: 'eof'; readonly slot: string }
  | { readonly type: 'signal'; readonly slot: string; readonly signal: string }
  /** `device`: a tool is asked for what it holds of its GPU, which takes a while. */
  | { readonly type: 'memory'; readonly slot: string; readonly seq: number; readonly device: boolean }
  | { readonly type: 'sample'; readonly seq: number }
  | { readonly type: 'release'; readonly gpu: string };
