import { refuse } from '../model/refusal.ts'
import type { Cli } from './command.ts'
import { currentLogin } from './login.ts'
import { UsageError } from './usage.ts'

type Where = Pick<Cli, 'env' | 'cwd' | 'json' | 'commands'> & {
  readonly app: string | undefined
  readonly command: string
}

export function createCli({ app, command, ...where }: Where): Cli {
  const login = async () => (await currentLogin(where.env)) ?? refuse('UNAUTHENTICATED')
  return {
    ...where,
    login,
    async client() {
      const [{ connectDirect }, { url, token }] = await Promise.all([import('../client/direct.ts'), login()])
      return connectDirect({ url, token })
    },
    app: () => appMeant(app, where.cwd, command),
  }
}

async function appMeant(given: string | undefined, cwd: string, command: string): Promise<string> {
  const { appName } = await import('../model/names.ts')
  if (given !== undefined) return appName(given)
  const { appOfRemote, remoteUrl } = await import('./remote.ts')
  const url = await remoteUrl(cwd)
  const found = url === undefined ? undefined : appOfRemote(url)
  if (found !== undefined) return appName(found)
  throw new UsageError('which app? Say -a APP, or work in a folder whose git remote "berth" names it', command)
}
