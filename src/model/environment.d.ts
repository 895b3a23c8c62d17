/**
 * The variables that the program reads by name, so that a mistyped one is an error. MGPU_* variables of options are made from
 * the option table, and only those are here that are read besides.
 */
declare namespace NodeJS {
  interface ProcessEnv {
    readonly PATH?: string | undefined;
    readonly HOME?: string | undefined;
    readonly PYTHONPATH?: string | undefined;
    readonly VIRTUAL_ENV?: string | undefined;

    readonly CI?: string | undefined;
    readonly NO_COLOR?: string | undefined;
    readonly TERM?: string | undefined;
    readonly MPLBACKEND?: string | undefined;

    readonly CUDA_VISIBLE_DEVICES?: string | undefined;
    readonly HIP_VISIBLE_DEVICES?: string | undefined;
    readonly ROCR_VISIBLE_DEVICES?: string | undefined;
    readonly OMP_NUM_THREADS?: string | undefined;

    readonly SLURM_ARRAY_TASK_ID?: string | undefined;
    readonly SLURM_ARRAY_TASK_COUNT?: string | undefined;
    readonly SLURM_ARRAY_TASK_MIN?: string | undefined;
    readonly SLURM_ARRAY_TASK_MAX?: string | undefined;
    readonly SLURM_ARRAY_TASK_STEP?: string | undefined;
    readonly JOB_COMPLETION_INDEX?: string | undefined;

    readonly MGPU_COMMAND?: string | undefined;
    readonly MGPU_CONFIG?: string | undefined;
    readonly MGPU_ON_FINISH?: string | undefined;
    readonly MGPU_DEBUG?: string | undefined;
    readonly MGPU_PYTHON?: string | undefined;
  }
}
