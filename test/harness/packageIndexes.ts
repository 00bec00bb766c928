import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { engine } from './berth.ts'
import { zipOf } from './builds.ts'
import { gemOf } from './gem.ts'

/**
 * Indexes of packages for pip, bundler, go, composer and Maven, each with one package called greet, where build steps reach them. `fetched`
 * counts the downloads of the packages themselves.
 */
export async function packageIndexes() {
  const fetched = new Map<string, number>()
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const found = path === '/packages.json' ? composerIndex(request.headers.host) : pages[path]
    if (packages.has(path)) fetched.set(path, (fetched.get(path) ?? 0) + 1)
    if (path.startsWith('/simple/')) response.setHeader('content-type', 'text/html')
    if (found === undefined) response.writeHead(404)
    response.end(found)
  }).listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { IPAM } = await engine.api.json<{ IPAM: { Config: { Gateway: string }[] } }>({ path: '/networks/bridge' })
  const host = IPAM.Config[0]?.Gateway ?? '172.17.0.1'
  return {
    host,
    url: `http://${host}:${port}`,
    downloads: (path: string) => fetched.get(path) ?? 0,
    [Symbol.dispose]: () => void server.close(),
  }
}

export const wheel = '/simple/greet/greet-1.0-py3-none-any.whl'
export const gem = '/gems/greet-1.0.0.gem'
export const goModule = '/example.com/greet/@v/v1.0.0.zip'
export const composerZip = '/dist/greet-1.0.0.zip'
export const jar = '/maven/example/greet/1.0/greet-1.0.jar'
const packages = new Set([wheel, gem, goModule, composerZip, jar])

/** As Packagist's, in which addresses are whole ones. */
const composerIndex = (host = '') =>
  JSON.stringify({ packages: { 'example/greet': { '1.0.0': composerPackage(host) } } })

/** As it stands in an index and in a composer.lock. */
export const composerPackage = (host: string) => ({
  name: 'example/greet',
  version: '1.0.0',
  type: 'library',
  dist: { type: 'zip', url: `http://${host}${composerZip}` },
  autoload: { 'psr-4': { 'Example\\': 'src/' } },
})

const gemFile = gemOf('greet', '1.0.0', "module Greet\n  def self.call = 'greetings'\nend\n")
const digest = (how: string, bytes: Buffer | string) => createHash(how).update(bytes).digest('hex')
const gemInfo = `---\n1.0.0 |checksum:${digest('sha256', gemFile)}\n`

const pages: Readonly<Record<string, string | Buffer>> = {
  '/simple/greet/': '<a href="greet-1.0-py3-none-any.whl">greet-1.0-py3-none-any.whl</a>',
  [wheel]: zipOf({
    'greet.py': 'def greet():\n    return "greetings"\n',
    'greet-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: greet\nVersion: 1.0\n',
    'greet-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    'greet-1.0.dist-info/RECORD': '',
  }),
  '/versions': `created_at: 2026-01-01T00:00:00Z\n---\ngreet 1.0.0 ${digest('md5', gemInfo)}\n`,
  '/info/greet': gemInfo,
  [gem]: gemFile,
  [composerZip]: zipOf({
    'greet/composer.json': '{"name": "example/greet"}',
    'greet/src/Greet.php':
      "<?php\nnamespace Example;\nclass Greet { static function call() { return 'greetings'; } }\n",
  }),
  [jar.replace('.jar', '.pom')]:
    '<project><modelVersion>4.0.0</modelVersion><groupId>example</groupId><artifactId>greet</artifactId><version>1.0</version></project>',
  [jar]: zipOf({ 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n', 'greet.txt': 'greetings' }),
  '/example.com/greet/@v/list': 'v1.0.0\n',
  '/example.com/greet/@v/v1.0.0.info': '{"Version": "v1.0.0", "Time": "2026-01-01T00:00:00Z"}',
  '/example.com/greet/@v/v1.0.0.mod': 'module example.com/greet\n\ngo 1.19\n',
  [goModule]: zipOf({
    'example.com/greet@v1.0.0/go.mod': 'module example.com/greet\n\ngo 1.19\n',
    'example.com/greet@v1.0.0/greet.go': 'package greet\n\nfunc Call() string { return "greetings" }\n',
  }),
}
