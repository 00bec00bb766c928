import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Config, configFrom } from '../config/config.ts'
import { type Engine, openEngine } from '../engine/engine.ts'
import { type Part, type PartName, parts } from './parts.ts'
import type { Print } from './print.ts'
import { environmentOfParts } from './settings.ts'
import { supervise } from './supervise.ts'
import type { Supervisor } from './supervisor.ts'

/** What the commands of this machine work with. */
export type Host = {
  /** The folder that Berth runs from. */
  readonly root: string
  readonly config: Config
  readonly env: NodeJS.ProcessEnv
  readonly print: Print
  readonly engine: Engine
  readonly supervisor: Supervisor
  readonly parts: Record<PartName, Part>
}

export function hostFrom(env: NodeJS.ProcessEnv, print: Print): Host {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  const config = configFrom(env)
  return {
    root,
    config,
    env,
    print,
    engine: openEngine(config.docker.socket),
    supervisor: supervise({
      runDir: config.runDir,
      logDir: config.logs.dir,
      cluster: config.cluster,
      root,
      env: environmentOfParts(env),
    }),
    parts: parts(config, root),
  }
}
