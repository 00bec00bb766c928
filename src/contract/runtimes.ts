import { z } from 'zod'
import { repositoryPath } from '../model/repositoryPath.ts'
import { endpoint } from './endpoint.ts'

/** shipped: came with Berth. own: the operator's, which may have replaced a shipped one. */
const Origin = z.enum(['shipped', 'own'])

export const Runtime = z.object({ name: z.string(), summary: z.string(), origin: Origin })

export const RuntimeDetail = z.object({
  ...Runtime.shape,
  /** Files that tell that an app is of this runtime. */
  files: z.array(z.string()),
  /** The distribution's versions by the code name of its release; empty where any version is fetched. */
  versions: z.record(z.string(), z.array(z.string())),
  packages: z.array(z.string()),
  /** Names of the processes that it starts where an app declares none. */
  processes: z.array(z.string()),
  /** A first commit that works, by path; `{app}` stands for the name of the app. Empty when the runtime has none. */
  project: z.record(z.string().regex(repositoryPath), z.string()),
  /** Its whole file, in YAML. */
  text: z.string(),
})

export const listRuntimes = endpoint({
  method: 'GET',
  path: '/runtimes',
  summary: 'Languages that can be built without a Dockerfile',
  access: 'signed-in',
  returns: z.array(Runtime),
})

export const showRuntime = endpoint({
  method: 'GET',
  path: '/runtimes/:runtime',
  summary: 'One of them: how it is detected, its versions, a first commit for a new app, its file',
  access: 'signed-in',
  params: z.strictObject({ runtime: z.string().max(40) }),
  returns: RuntimeDetail,
})
