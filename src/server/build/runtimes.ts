import { log } from '../../lib/log.ts'
import { type Known, runtimesIn } from '../../runtime/known.ts'

let told: Known | undefined

/** The runtimes there are now; the log is told once of each state in which files of the operator are broken. */
export function knownRuntimes(folder: string | undefined): Known {
  const known = runtimesIn(folder)
  if (known !== told) for (const { file, reason } of known.broken) log.warn({ file }, `runtime left out: ${reason}`)
  told = known
  return known
}
