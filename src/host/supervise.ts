import { existsSync } from 'node:fs'
import { keepers } from './keepers.ts'
import type { Supervisor, SupervisorOptions } from './supervisor.ts'
import { systemd } from './systemd.ts'

/** systemd where it is the first process, small scripts everywhere else. */
export const supervise = (options: SupervisorOptions): Supervisor =>
  existsSync('/run/systemd/system') ? systemd(options) : keepers(options)
