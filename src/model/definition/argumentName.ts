import { envName } from '../names.ts'
import { refuse } from '../refusal.ts'

/** BuildKit takes orders from arguments of this name, such as which program reads the Dockerfile. */
export function argumentName(raw: string): string {
  if (/^BUILDKIT_/i.test(raw)) refuse('INVALID', 'build argument', `${raw} is not for apps to set`)
  return envName(raw)
}
