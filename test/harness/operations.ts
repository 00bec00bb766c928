import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { deploy } from '../../src/contract/deploys.ts'
import { listAppOperations, operationLog, showOperation } from '../../src/contract/operations.ts'
import { output } from '../../src/lib/exec.ts'
import { labels } from '../../src/model/instance.ts'
import type { TestBerth } from './berth.ts'
import type { Files } from './repository.ts'
import { until } from './wait.ts'

type Named = { readonly id: string }

/** What a test does with operations of a whole installation. */
export const operationsOf = (berth: TestBerth) => ({
  /** Asks for a deploy of files; comes back as soon as it is queued. */
  async deploy(app: string, files: Files) {
    await using stack = new AsyncDisposableStack()
    const dir = await mkdtemp(join(tmpdir(), 'berth-source-'))
    stack.defer(() => rm(dir, { recursive: true }))
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(dir, 'tree', path)), { recursive: true })
      await writeFile(join(dir, 'tree', path), content)
    }
    const path = join(dir, 'source.tar')
    await output(['tar', '-C', join(dir, 'tree'), '-cf', path, '.'])
    const upload = { type: 'application/x-tar', bytes: createReadStream(path) } as const
    return await berth.client.upload(deploy, { params: { app } }, upload)
  },

  show: ({ id }: Named) => berth.client.call(showOperation, { params: { operation: id }, query: {} }),

  /** As it is when it is over. */
  async ended({ id }: Named) {
    const show = () => berth.client.call(showOperation, { params: { operation: id }, query: { wait: 60 } })
    let now = await show()
    for (let tries = 1; tries < 4 && !now.finishedAt; tries++) now = await show()
    assert.ok(now.finishedAt, `${now.kind} of ${now.app} is still ${now.phase}`)
    return now
  },

  async succeeded(operation: Named | null) {
    assert.ok(operation)
    const { state, error } = await this.ended(operation)
    assert.equal(state, 'succeeded', error?.message ?? (await this.log(operation)))
  },

  async log({ id }: Named): Promise<string> {
    const lines = berth.client.stream(operationLog, { params: { operation: id }, query: {} })
    return (await Array.fromAsync(lines)).map(({ text }) => text).join('\n')
  },

  inPhase: ({ id }: Named, phase: string) =>
    until(`${id} to be ${phase}`, async () => {
      const now = await berth.client.call(showOperation, { params: { operation: id }, query: {} })
      if (now.finishedAt) throw new Error(`it is ${now.state}: ${now.error?.message}`)
      return now.phase === phase
    }),

  all: (app: string) => berth.client.call(listAppOperations, { params: { app }, query: {} }),

  async services(app: string): Promise<string[]> {
    const all = await berth.engine.services.list(`${labels.cluster}=${berth.cluster}`)
    return all.filter((service) => service.labels[labels.app] === app).map(({ name }) => name)
  },

  /** Ids of throw-away containers. */
  oneOffs: (app: string) =>
    berth.engine.containers.ids(`${labels.cluster}=${berth.cluster}`, `${labels.app}=${app}`, labels.operation),

  containers: (app: string) =>
    berth.engine.containers.ids(`${labels.cluster}=${berth.cluster}`, `${labels.app}=${app}`),
})
