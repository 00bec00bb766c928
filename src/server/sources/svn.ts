import { access, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { refuse } from '../../model/refusal.ts'
import { urlText } from '../../model/repository.ts'
import { client } from './client.ts'
import { packExported } from './exported.ts'
import { ownFolder, type Place, putOwned } from './place.ts'
import type { Revision, Vcs, Wish } from './vcs.ts'

/** The branch is part of a Subversion URL; a ref is the number of a revision. */
export const svn: Vcs = { newest, bring, changed, write }

async function newest(place: Place): Promise<string> {
  const { ref } = place.repository
  if (ref !== null && !/^\d{1,10}$/.test(ref))
    refuse('INVALID', 'ref', 'of Subversion is the number of a revision; its branches are part of the URL')
  const at = ref === null ? [] : ['--revision', ref]
  return (await run(place, ['info', ...at, '--show-item', 'last-changed-revision', address(place)])).trim()
}

async function bring(place: Place, { id, since }: Wish): Promise<Revision> {
  await checkOut(place, id)
  const item = async (name: string) => (await run(place, ['info', '--show-item', name, place.cache])).trim()
  const messages = await log(place, `${id}:${id}`)
  const between =
    since === undefined || Number(since) >= Number(id) ? [] : await log(place, `${id}:${Number(since) + 1}`)
  return { id, message: messages[0] ?? '', author: await item('last-changed-author'), changelog: between }
}

/** The cache is a working copy of exactly this URL. */
async function checkOut(place: Place, id: string) {
  const { cache, repository } = place
  const note = join(cache, '.svn', 'berth-url')
  const known = await readFile(note, 'utf8').catch(() => '')
  const url = urlText(repository.url)
  const quiet = ['--quiet', '--ignore-externals', '--revision', id]
  const updated =
    known === url &&
    (await run(place, ['update', ...quiet, '--accept', 'theirs-full', cache]).then(
      () => true,
      () => false,
    ))
  if (updated) return
  await rm(cache, { recursive: true, force: true })
  await run(place, ['checkout', ...quiet, '--', address(place), cache])
  if (await exists(join(cache, '.svn'))) await writeFile(note, url)
}

/** First lines of messages, in the order of the range. */
async function log(place: Place, range: string): Promise<string[]> {
  const said = await run(place, ['log', '--xml', '--limit', '50', '--revision', range, address(place)])
  return [...said.matchAll(/<msg>([\s\S]*?)<\/msg>/g)].map(([, text = '']) => plain(text).trim().split('\n')[0] ?? '')
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }
const plain = (text: string) => text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => entities[name] ?? '')

async function changed(place: Place, from: string, to: string): Promise<readonly string[] | undefined> {
  const args = ['diff', '--summarize', '--revision', `${from}:${to}`, '.']
  const said = await run(place, args, place.cache).catch(() => undefined)
  return said?.split('\n').flatMap((line) => (/^.{7}\s/.test(line) ? [line.slice(8).trim()] : []))
}

async function write(place: Place, { folder }: Wish, into: string): Promise<readonly string[]> {
  const exported = join(place.scratch, 'tree')
  await run(place, ['export', '--quiet', '--ignore-externals', '--', place.cache, exported])
  await packExported(place, exported, folder, into)
  return []
}

/** The `@` at the end keeps one in the URL from being read as a revision. */
const address = ({ repository: { url } }: Place) => `${urlText(url)}@`

async function run(place: Place, [verb = '', ...args]: readonly string[], cwd?: string): Promise<string> {
  const { url, password } = place.repository
  const quiet = ['--non-interactive', '--no-auth-cache', '--config-dir', await configured(place)]
  const who = password === undefined ? [] : ['--username', url.user ?? '', '--password-from-stdin']
  const input = password === undefined ? {} : { input: password }
  return await client(['svn', verb, ...quiet, ...who, ...args], place, { ...input, ...(cwd && { cwd }) })
}

async function configured({ scratch, proxy, settings: { user } }: Place): Promise<string> {
  const folder = join(scratch, 'svn')
  await ownFolder(folder, user)
  const names = { host: proxy?.hostname, port: proxy?.port, username: proxy?.username, password: proxy?.password }
  const lines = Object.entries(names).flatMap(([name, value]) => (value ? [`http-proxy-${name} = ${value}`] : []))
  await putOwned(join(folder, 'servers'), `[global]\n${lines.join('\n')}\n`, user)
  return folder
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
