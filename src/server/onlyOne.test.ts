import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { start } from '../lib/exec.ts'
import { claim } from './onlyOne.ts'

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'berth-claim-'))
  t.after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

const module_ = fileURLToPath(new URL('onlyOne.ts', import.meta.url))
const program = `import { claim } from ${JSON.stringify(module_)}
globalThis.kept = await claim(process.argv[1])
console.log('mine')
setInterval(() => {}, 1000)`

test('one server at a time works on a folder, by whatever path it is reached', async (t) => {
  const dir = folder(t)
  symlinkSync(dir, `${dir}-link`)
  t.after(() => rmSync(`${dir}-link`))
  const child = start([process.execPath, '--input-type=module', '-e', program, dir], { stdio: ['ignore', 'pipe', 2] })
  await once(child.stdout ?? child, 'data')
  for (const path of [dir, `${dir}/`, `${dir}-link`])
    await assert.rejects(claim(path), { code: 'UNAVAILABLE', message: /another Berth server already works on it/ })
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
  await using _claim = await claim(dir)
})

test('it is free again when the server ends, and another folder is another matter', async (t) => {
  const [one, two] = [folder(t), folder(t)]
  {
    await using _one = await claim(one)
    await using _two = await claim(two)
  }
  await using _again = await claim(one)
})
