import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isHttp, urlText } from '../../model/repository.ts'
import { client } from './client.ts'
import { packExported } from './exported.ts'
import { type Place, putOwned } from './place.ts'
import type { Revision, Vcs, Wish } from './vcs.ts'

/** Bazaar, by its living descendant Breezy. A ref is a tag or the number of a revision. */
export const bzr: Vcs = { newest, bring, changed: async () => undefined, write }

async function newest(place: Place): Promise<string> {
  const { url, ref } = place.repository
  const at = ref === null ? [] : ['--revision', /^\d[\d.]*$/.test(ref) ? `revno:${ref}` : `tag:${ref}`]
  return (await run(place, ['revno', ...at, '--', urlText(url)])).trim()
}

async function bring(place: Place, { id, since }: Wish): Promise<Revision> {
  const { cache, repository } = place
  const url = urlText(repository.url)
  if (await exists(join(cache, '.bzr')))
    await run(place, ['pull', '--quiet', '--overwrite', '--directory', cache, '--', url])
  else {
    await rm(cache, { recursive: true, force: true })
    await run(place, ['branch', '--quiet', '--no-tree', '--', url, cache])
  }
  const [last] = await log(place, `revno:${id}`)
  const between =
    since === undefined || since === id ? [] : await log(place, `revno:${since}..revno:${id}`).catch(() => [])
  const changelog = between.slice(0, -1).map(({ message }) => message)
  return { id, message: last?.message ?? '', author: last?.author ?? '', changelog }
}

type Line = { readonly author: string; readonly message: string }

/** `5: Ada Lovelace 2026-11-20 {v1} The message`, newest first. */
async function log(place: Place, range: string): Promise<Line[]> {
  const said = await run(place, ['log', '--line', '--limit', '50', '--revision', range, '--', place.cache])
  return said.split('\n').flatMap((line) => {
    const [, author, message] = /^[\d.]+: (.*?) \d{4}-\d\d-\d\d (?:\[merge\] )?(?:\{[^}]*\} )?(.*)$/.exec(line) ?? []
    return author === undefined || message === undefined ? [] : [{ author, message }]
  })
}

async function write(place: Place, { id, folder }: Wish, into: string): Promise<readonly string[]> {
  const exported = join(place.scratch, 'tree')
  await run(place, ['export', '--format=dir', '--revision', `revno:${id}`, '--', exported, place.cache])
  await packExported(place, exported, folder, into)
  return []
}

/** No plug-ins: they would speak other systems too, and bring their own transports. */
async function run(place: Place, [verb = '', ...args]: readonly string[]): Promise<string> {
  const { scratch, settings } = place
  const auth = authentication(place)
  if (auth) await putOwned(join(scratch, 'authentication.conf'), auth, settings.user)
  const env = { BRZ_HOME: scratch, BRZ_LOG: '/dev/null', BRZ_EMAIL: 'berth@localhost', BRZ_PROGRESS_BAR: 'none' }
  return await client(['brz', '--no-plugins', verb, ...args], place, { env })
}

const authentication = ({ repository: { url, password } }: Place) =>
  isHttp(url) && password !== undefined
    ? `[source]\nscheme=${url.scheme}\nhost=${url.host}\nuser=${url.user ?? ''}\npassword=${password}\n`
    : undefined

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
