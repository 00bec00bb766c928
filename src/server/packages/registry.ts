import { EngineError, isAway } from '../../engine/api.ts'
import type { Engine } from '../../engine/engine.ts'
import { log } from '../../lib/log.ts'
import { type RegistryAccount, registryApi, unavailable } from './registryApi.ts'
import type { PackageImage, Put, Storage, Stored } from './storage.ts'

export type RegistryOptions = RegistryAccount & {
  readonly engine: Engine
  /** What repositories begin with there. */
  readonly folder: string
  readonly cluster: string
}

/** A registry, to which the Engine itself pushes, and from which it pulls by digest. */
export function registryStorage(options: RegistryOptions): Storage {
  const { engine, server, cluster } = options
  const folder = options.folder === '' ? '' : `${options.folder}/`
  const api = registryApi(options)
  const auth = async () => ({
    username: options.user,
    password: await options.password(),
    serveraddress: server,
  })
  /** As the registry itself names it. */
  const inside = (reference: string) => {
    const [, repository = '', tag = ''] = /^[^/]*\/(.*):([^:/]*)$/.exec(reference) ?? []
    return { repository, tag }
  }
  const digestOf = async ({ reference, digest }: Stored) => {
    const { repository, tag } = inside(reference)
    return digest ?? (await api.digest(repository, tag))
  }

  return {
    place: `${server}/${folder}`,
    reference: ({ repository, image }) => `${server}/${folder}${repository}:${image.replace('sha256:', '')}`,

    async put(image, { reference, signal }) {
      const digest = await told(options, signal, () => pushed(engine, image, { reference, signal }, auth))
      return { digest, bytes: null }
    },

    async get(image, stored, signal) {
      const repository = stored.reference.replace(/:[^:/]*$/, '')
      const digest = await digestOf(stored)
      if (!digest) return unavailable(options, `it no longer has ${stored.reference}`)
      await told(options, signal, async () => engine.registry.pull(repository, digest, { auth: await auth(), signal }))
      await engine.packages.tag(image.image, image.repository, image.tag)
      await engine.images.remove(`${repository}@${digest}`)
    },

    async remove(stored) {
      const digest = await digestOf(stored)
      if (!digest || (await api.remove(inside(stored.reference).repository, digest))) return
      log.warn({ package: stored.reference }, 'left in the registry, which deletes nothing')
    },

    check: () => api.check(`${folder}${cluster}/berth-check`),
  }
}

type Auth = () => Promise<{ username: string; password: string; serveraddress: string }>

/** The Engine pushes what has a name in the registry; ours stays. */
async function pushed(
  engine: Engine,
  { image }: PackageImage,
  { reference, signal }: Pick<Put, 'reference' | 'signal'>,
  auth: Auth,
): Promise<string> {
  const [, repository = '', tag = ''] = /^(.*):([^:/]*)$/.exec(reference) ?? []
  await engine.packages.tag(image, repository, tag)
  try {
    return await engine.packages.push(repository, tag, await auth(), signal)
  } finally {
    await engine.images.remove(reference)
  }
}

/** What the Engine heard from the registry, for whoever runs this machine. */
async function told<T>(account: RegistryAccount, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted || isAway(error) || !(error instanceof EngineError)) throw error
    return unavailable(account, reasonOf(error.message))
  }
}

function reasonOf(message: string): string {
  if (/unauthorized|denied|authentication|no basic auth/i.test(message))
    return 'it does not accept the user and password, or they may not write there; see package_user and package_secret_file'
  if (/no space|quota|insufficient storage|507/i.test(message)) return 'it is full; make room there'
  if (/manifest unknown|not found/i.test(message)) return 'the package is no longer there'
  return message.slice(0, 300)
}
