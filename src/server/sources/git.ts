import { access, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { refusal, refuse } from '../../model/refusal.ts'
import { isCommit, isHttp, isPattern, urlText } from '../../model/repository.ts'
import { fitsName } from '../../model/watch.ts'
import { gitEnv } from '../git/gitProcess.ts'
import { readSource } from '../git/readSource.ts'
import { attributesText } from '../git/repositories.ts'
import { writeSource } from '../git/writeSource.ts'
import { client, isClientFailure } from './client.ts'
import { ownFolder, type Place } from './place.ts'
import type { Revision, Vcs, Wish } from './vcs.ts'
import { byVersion } from './versions.ts'

/** How much history comes with a commit: enough to say what changed since the last deploy. */
const depth = 50

export const git: Vcs = { newest, bring, changed, write }

async function newest(place: Place): Promise<string> {
  const { ref } = place.repository
  if (ref !== null && isCommit(ref)) return ref
  const asked =
    ref === null ? ['HEAD'] : isPattern(ref) ? [`refs/tags/${ref}`] : [`refs/heads/${ref}`, `refs/tags/${ref}*`]
  const listed = await remote(place, 'ls-remote', ['--', urlText(place.repository.url), ...asked])
  const refs = new Map(
    listed.split('\n').flatMap((line) => {
      const [, id = '', name = ''] = /^([0-9a-f]{40,64})\t(\S+)$/.exec(line) ?? []
      return id ? [[name, id] as const] : []
    }),
  )
  return idOf(refs, ref) ?? refuse('FETCH_FAILED', urlText(place.repository.url), noSuch(ref))
}

const noSuch = (ref: string | null) =>
  ref === null ? 'it has no commit yet' : isPattern(ref) ? `no tag fits ${ref}` : `it has no branch and no tag ${ref}`

/** Of an annotated tag the commit that it points to. */
function idOf(refs: ReadonlyMap<string, string>, ref: string | null): string | undefined {
  if (ref === null) return refs.get('HEAD')
  if (!isPattern(ref)) return refs.get(`refs/heads/${ref}`) ?? tagged(refs, ref)
  const tags = [...refs.keys()].flatMap((name) => (name.endsWith('^{}') ? [] : [name.replace('refs/tags/', '')]))
  const [latest] = tags.filter((tag) => fitsName(ref, tag)).sort(byVersion)
  return latest === undefined ? undefined : tagged(refs, latest)
}

const tagged = (refs: ReadonlyMap<string, string>, tag: string) =>
  refs.get(`refs/tags/${tag}^{}`) ?? refs.get(`refs/tags/${tag}`)

async function bring(place: Place, { id, since }: Wish): Promise<Revision> {
  await makeCache(place)
  if (!(await has(place, id))) await fetchCommit(place, id)
  await keep(place, id)
  const said = await local(place, 'log', ['-1', '--no-show-signature', '--format=%s%n%an', id, '--'])
  const [message = '', author = ''] = said.split('\n')
  return { id, message, author, changelog: await changelog(place, id, since) }
}

/** Just the commit, and a little history. Where a host does not give single commits, all its branches. */
async function fetchCommit(place: Place, id: string) {
  const url = urlText(place.repository.url)
  const attempts = [
    [`--depth=${depth}`, '--', url, `+${id}:refs/berth/next`],
    [`--depth=${depth}`, '--', url, '+refs/heads/*:refs/berth/heads/*', '+refs/tags/*:refs/berth/tags/*'],
    ['--', url, '+refs/heads/*:refs/berth/heads/*', '+refs/tags/*:refs/berth/tags/*'],
  ]
  const common = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--no-auto-maintenance']
  let failure: unknown
  for (const attempt of attempts) {
    failure = await remote(place, 'fetch', [...common, ...attempt]).then(() => undefined, onlyClients)
    if (failure === undefined && (await has(place, id))) return
    if (failure !== undefined && !isAboutShape(failure)) throw failure
  }
  throw failure ?? refusal('FETCH_FAILED', url, `it has no commit ${id.slice(0, 12)}`)
}

const onlyClients = (error: unknown) => {
  if (!isClientFailure(error)) throw error
  return error
}

/** Hosts that cannot give a single commit, or no shallow history. */
const isAboutShape = (error: unknown) =>
  isClientFailure(error) && /not our ref|unadvertised|shallow|dumb http|couldn't find remote ref/i.test(error.message)

/** The newest commit that was brought stays, so that the next fetch is of the difference; small packs become one. */
async function keep(place: Place, id: string) {
  await local(place, 'update-ref', ['refs/berth/kept', id])
  await local(place, 'gc', ['--auto', '--quiet']).catch(() => undefined)
}

async function changelog(place: Place, id: string, since: string | undefined): Promise<readonly string[]> {
  if (since === undefined || !isCommit(since) || !(await has(place, since))) return []
  const said = await local(place, 'log', ['-50', '--no-merges', '--format=%s', `${since}..${id}`, '--'])
  return said.split('\n').filter((line) => line !== '')
}

async function changed(place: Place, from: string, to: string): Promise<readonly string[] | undefined> {
  if (!isCommit(from) || !isCommit(to) || !(await has(place, from))) return undefined
  const said = await local(place, 'diff-tree', ['-r', '-z', '--name-only', '--no-renames', from, to])
  return said.split('\0').filter((path) => path !== '')
}

async function write(place: Place, { id, folder }: Wish, into: string): Promise<readonly string[]> {
  const { user, maxBytes, maxFiles } = place.settings
  const options = { user, env: { GIT_DIR: place.cache }, cwd: place.cache }
  const source = await readSource(id, { maxSourceBytes: maxBytes, maxFiles }, options, folder)
  await writeSource(id, into, options, folder)
  return source.warnings
}

const has = (place: Place, id: string) =>
  local(place, 'cat-file', ['-e', `${id}^{commit}`]).then(
    () => true,
    () => false,
  )

const local = (place: Place, verb: string, args: readonly string[]) =>
  client(['git', `--git-dir=${place.cache}`, ...settings, verb, ...args], place, { env: gitEnv })

/** What speaks to the host knows the credentials, by its environment. */
function remote(place: Place, verb: string, args: readonly string[]): Promise<string> {
  const where = verb === 'fetch' ? [`--git-dir=${place.cache}`] : []
  return client(['git', ...where, ...settings, verb, ...args], place, { env: { ...gitEnv, ...accessOf(place) } })
}

/** No transport but the one that the URL names, and no way to another host. */
const settings = [
  '-c',
  'protocol.allow=never',
  '-c',
  'protocol.https.allow=always',
  '-c',
  'protocol.http.allow=always',
  '-c',
  'protocol.ssh.allow=always',
  '-c',
  'protocol.git.allow=always',
  '-c',
  'credential.helper=',
  '-c',
  'core.askPass=',
] as const

function accessOf({ repository, env, scratch, proxy }: Place): Record<string, string> {
  const { url, password } = repository
  const credentials = Buffer.from(`${url.user ?? ''}:${password ?? ''}`).toString('base64')
  const sealed = password !== undefined && isHttp(url)
  const pairs: (readonly [string, string])[] = [
    // Whoever is sent elsewhere takes no credentials along.
    ['http.followRedirects', sealed ? 'false' : 'initial'],
    ...(sealed ? [['http.extraHeader', `Authorization: Basic ${credentials}`] as const] : []),
  ]
  return {
    ...(proxy && { http_proxy: env.http_proxy ?? '', https_proxy: env.https_proxy ?? '' }),
    HOME: scratch,
    GIT_CONFIG_COUNT: String(pairs.length),
    ...Object.fromEntries(
      pairs.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  }
}

async function makeCache(place: Place) {
  const {
    cache,
    settings: { user },
  } = place
  if (await exists(join(cache, 'info', 'attributes'))) return
  await rm(cache, { recursive: true, force: true })
  await ownFolder(cache, user)
  await client(['git', 'init', '--quiet', '--bare', '--template=', '--initial-branch=main', cache], place, {
    env: gitEnv,
  })
  await writeFile(join(cache, 'config'), configText)
  await ownFolder(join(cache, 'info'), user)
  await writeFile(join(cache, 'info', 'attributes'), attributesText)
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

const configText = `[core]
	repositoryformatversion = 0
	bare = true
	bigFileThreshold = 64m
[fetch]
	fsckObjects = true
[fetch "fsck"]
	badTimezone = ignore
	missingSpaceBeforeDate = ignore
	zeroPaddedFilemode = ignore
[gc]
	auto = 2000
	autoPackLimit = 20
	autoDetach = false
[pack]
	threads = 1
	windowMemory = 64m
[tar]
	umask = 0022
`
