import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filesFrom } from '../../runtime/files.ts'
import { runtimesIn } from '../../runtime/known.ts'
import { planFor } from '../../runtime/project.ts'
import { markOf, render } from './render.ts'

function named(name: string) {
  const found = runtimesIn().listed.find(({ runtime }) => runtime.name === name)
  assert(found)
  return found.runtime
}

const around = {
  base: 'base',
  host: { files: [], variables: {}, proxies: {} },
  caches: { own: 'own', shared: 'shared' },
  envMark: '',
}

test('what a repository names cannot become an instruction', async () => {
  const files = filesFrom({
    'index.html': '',
    'a"\\$(x)/b': '',
    'berth.yaml': `build: {documentRoot: 'a"\\$(x)', command: "x\\nRUN evil"}`,
  })
  const plan = await planFor(files, named('static'))
  const lines = render(plan, around).dockerfile.split('\n')
  assert(lines.includes('ENV DOCUMENT_ROOT="/app/a\\"\\\\\\$(x)"'), lines.join('\n'))
  assert(!lines.some((line) => line.startsWith('RUN evil')))
})

test('build-time variables change the mark, and the mark needs the key', () => {
  assert.equal(markOf({}, 'key'), '')
  assert.equal(markOf({ A: '1', B: '2' }, 'key'), markOf({ B: '2', A: '1' }, 'key'))
  assert.notEqual(markOf({ A: '1' }, 'key'), markOf({ A: '2' }, 'key'))
  assert.notEqual(markOf({ A: '1' }, 'key'), markOf({ A: '1' }, 'other'))
})
