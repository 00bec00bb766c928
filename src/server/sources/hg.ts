import { access, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isHttp, urlText } from '../../model/repository.ts'
import { client } from './client.ts'
import { packExported } from './exported.ts'
import { ownFolder, type Place, putOwned } from './place.ts'
import type { Revision, Vcs, Wish } from './vcs.ts'

export const hg: Vcs = { newest, bring, changed, write }

async function newest(place: Place): Promise<string> {
  const { url, ref } = place.repository
  const said = await run(place, ['identify', '--id', '--rev', ref ?? 'default', '--', urlText(url)])
  return said.trim()
}

async function bring(place: Place, { id, since }: Wish): Promise<Revision> {
  const { cache, repository, settings } = place
  if (!(await exists(join(cache, '.hg')))) {
    await rm(cache, { recursive: true, force: true })
    await ownFolder(cache, settings.user)
    await run(place, ['init', '--', cache])
  }
  await run(place, ['pull', '--quiet', '--repository', cache, '--rev', id, '--', urlText(repository.url)])
  const said = await log(place, id, '{node}\\n{author|person}\\n{desc|firstline}\\n')
  const [node = id, author = '', message = ''] = said.split('\n')
  const between =
    since === undefined
      ? ''
      : await log(place, `only(${id}, ${since}) and not merge()`, '{desc|firstline}\\n').catch(() => '')
  return {
    id: node,
    author,
    message,
    changelog: between
      .split('\n')
      .filter((line) => line !== '')
      .reverse(),
  }
}

async function changed(place: Place, from: string, to: string): Promise<readonly string[] | undefined> {
  const args = ['status', '--repository', place.cache, '--rev', from, '--rev', to, '--no-status', '--print0']
  const said = await run(place, args).catch(() => undefined)
  return said?.split('\0').filter((path) => path !== '')
}

async function write(place: Place, { id, folder }: Wish, into: string): Promise<readonly string[]> {
  const exported = join(place.scratch, 'tree')
  await run(place, ['archive', '--repository', place.cache, '--rev', id, '--type', 'files', '--', exported])
  await packExported(place, exported, folder, into)
  return []
}

const log = (place: Place, rev: string, template: string) =>
  run(place, ['log', '--repository', place.cache, '--rev', rev, '--limit', '50', '--template', template])

async function run(place: Place, args: readonly string[]): Promise<string> {
  const config = join(place.scratch, 'hgrc')
  await putOwned(config, configOf(place), place.settings.user)
  return await client(['hg', '--noninteractive', ...args], place, { env: { HGRCPATH: config, HGPLAIN: '1' } })
}

const configOf = ({ repository: { url, password }, proxy, env }: Place) => `[ui]
archivemeta = False
ssh = ${env.GIT_SSH ?? 'false'}
[subrepos]
allowed = False
[web]
cacerts = /etc/ssl/certs/ca-certificates.crt
${proxy ? `[http_proxy]\nhost = ${proxy.host}\nuser = ${decodeURIComponent(proxy.username)}\npasswd = ${decodeURIComponent(proxy.password)}\nalways = True\n` : ''}${
  isHttp(url) && password !== undefined
    ? `[auth]\nsource.prefix = ${url.host}\nsource.username = ${url.user ?? ''}\nsource.password = ${password}\nsource.schemes = ${url.scheme}\n`
    : ''
}`

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
