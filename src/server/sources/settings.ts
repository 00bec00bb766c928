import { chmod, mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { defaultLimits } from '../git/context.ts'
import type { GitUser } from '../git/gitProcess.ts'
import { allowedAddresses } from './addresses.ts'
import type { SourceSettings } from './place.ts'

type Options = {
  readonly dir: string
  readonly allowed: string
  readonly seconds: number
  readonly user: GitUser
  readonly hostEnv: SourceSettings['hostEnv']
}

/** Others may pass through the folder to what is theirs, and see nothing of it. */
export async function sourceSettings({ dir, allowed, seconds, user, hostEnv }: Options): Promise<SourceSettings> {
  await mkdir(dir, { recursive: true })
  await chmod(dir, 0o711)
  return {
    user,
    dir,
    hostEnv,
    allowed: allowedAddresses(allowed),
    ssh: fileURLToPath(new URL('../../../libexec/source-ssh', import.meta.url)),
    maxBytes: defaultLimits.maxSourceBytes,
    maxFiles: defaultLimits.maxFiles,
    timeoutMs: seconds * 1000,
  }
}
