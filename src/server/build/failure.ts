import { refuse } from '../../model/refusal.ts'
import type { Failure } from './progress.ts'
import type { BuildLimits } from './request.ts'

type Limit = { readonly says: RegExp; readonly text: (limits: BuildLimits) => string }

const memory: Limit = {
  says: /\bKilled$|\bSIGKILL\b|heap out of memory|Cannot allocate memory|\bMemoryError\b|OutOfMemoryError|[Oo]ut of memory/,
  text: ({ memoryMb }) => `probably out of memory (limit ${memoryMb} MB)`,
}
const processes: Limit = {
  says: /\b[Cc]annot fork\b|\bfork: |fork failed|Resource temporarily unavailable|pthread_create|unable to create (?:native|new) thread/,
  text: ({ pids }) => `probably too many processes (limit ${pids})`,
}

/** Says where a build failed and why; a limit that it seems to have met is named. */
export function failed({ step, exitCode, reason, said }: Failure, limits: BuildLimits): never {
  if (exitCode === undefined) return refuse('BUILD_FAILED', step, reason)
  const how = exitCode === 137 ? 'killed' : `exit code ${exitCode}`
  const met = exitCode === 137 ? memory : [memory, processes].find(({ says }) => said.some((line) => says.test(line)))
  const text = met ? `${how}, ${met.text(limits)}` : how
  return refuse('BUILD_FAILED', step, reason && reason !== 'Killed' ? `${text}: ${reason}` : text)
}
