import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readMetadata } from '../../model/definition/upaas/readMetadata.ts'
import { interpreterOf } from '../../runtime/interpreted.ts'
import { runtimesIn } from '../../runtime/known.ts'
import { planMetadata } from '../../runtime/metadataPlan.ts'
import { quoted } from './metadataScripts.ts'
import { type MetadataAround, renderMetadata } from './renderMetadata.ts'

const text = `
interpreter: { type: perl, versions: ["5"] }
repository: { env: { TOKEN: "a'b" }, clone: "git clone 'x' %destination%", update: git pull }
env: { SECRET: canary }
files: { "it's here": "$(id)" }
`
const metadata = readMetadata({ file: 'upaas.yml', text, warn: () => undefined })
const runtime = interpreterOf(metadata, runtimesIn())

const around: MetadataAround = {
  base: 'stack',
  host: { files: [], variables: {}, proxies: {} },
  caches: { own: 'own', shared: 'shared' },
  envMark: 'mark',
  buildMark: 'b1',
  flatten: false,
  hasPackages: false,
  replaced: [],
  paths: [],
}

function rendered(changes: Partial<MetadataAround> = {}, fresh = true) {
  const origin = fresh ? 'clone' : 'update'
  const plan = planMetadata(metadata, runtime, { origin, fresh, suite: 'bookworm', safe: [], env: {} })
  return renderMetadata(plan, { ...around, ...changes })
}

test('neither variables nor commands stand in the Dockerfile, and with it in the image', () => {
  const { dockerfile } = rendered()
  for (const word of ['canary', "a'b", 'git clone', '$(id)']) assert(!dockerfile.includes(word), word)
})

test('a clone is done again by each build', () => {
  assert.match(rendered().dockerfile, /^ARG BERTH_BUILD=b1\nRUN .*"BERTH_STEP=Cloning the repository"/m)
})

test('a later build makes neither user nor packages again, and many layers become one', () => {
  const { dockerfile } = rendered({ base: 'before', flatten: true, hasPackages: true }, false)
  assert.match(dockerfile, /^FROM before AS berth-before\nFROM scratch\nCOPY --from=berth-before \["\/", "\/"\]\n/)
  assert(!dockerfile.includes('groupadd') && !dockerfile.includes('Installing packages'))
  assert(dockerfile.includes('ENV PLACK_ENV='), 'what one layer has lost is said again')
})

test('only actions see the variables of the app; the repository those that the app has replaced', () => {
  const mounts = (dockerfile: string) =>
    dockerfile.split('\n').flatMap((line) => (line.includes('id=berth-env') ? [/STEP=([^"]*)/.exec(line)?.[1]] : []))
  assert.deepEqual(mounts(rendered().dockerfile), ['Running main actions'])
  assert.deepEqual(mounts(rendered({ replaced: ['TOKEN'] }).dockerfile).slice(0, 2), [
    'Cloning the repository',
    'Asking for the revision',
  ])
})

test('what people wrote is quoted for the shell', () => {
  assert.equal(quoted("a'b $(id)"), `'a'\\''b $(id)'`)
  const { files } = rendered()
  assert.match(files['berth/steps/clone'] ?? '', /export TOKEN='a'\\''b'\n/)
  assert.match(files['berth/steps/clone'] ?? '', /berth_run 'git clone '\\''x'\\'' \/home\/app'/)
  assert.match(files['berth/steps/files'] ?? '', /install -D -m 0644 \/dev\/berth-data\/0 '\/home\/app\/it'\\''s here'/)
  assert.equal(files['berth/files/0'], '$(id)')
})
