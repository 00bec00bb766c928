import assert from 'node:assert/strict'
import test, { after, before, type TestContext } from 'node:test'
import { type DeployPlace, deployPlace } from '../harness/matrix.ts'
import { newRepository } from '../harness/repository.ts'
import type { App } from './apps/app.ts'
import { graphite } from './apps/graphite.ts'
import { jsonServer } from './apps/jsonServer.ts'
import { mediawiki } from './apps/mediawiki.ts'
import { nodeRed } from './apps/nodeRed.ts'
import { phpmyadmin } from './apps/phpmyadmin.ts'
import { redmine } from './apps/redmine.ts'
import { simpleCalculator } from './apps/simpleCalculator.ts'
import { sphinxDocs } from './apps/sphinxDocs.ts'
import { ticgit } from './apps/ticgit.ts'
import { tomcatExamples } from './apps/tomcatExamples.ts'
import { verdaccio } from './apps/verdaccio.ts'
import { webhook } from './apps/webhook.ts'
import { wordpress } from './apps/wordpress.ts'

const apps: readonly App[] = [
  wordpress,
  mediawiki,
  phpmyadmin,
  redmine,
  verdaccio,
  nodeRed,
  jsonServer,
  graphite,
  ticgit,
  tomcatExamples,
  webhook,
  simpleCalculator,
  sphinxDocs,
]

let place: DeployPlace
before(async () => {
  place = await deployPlace('apps', 'wordpress', 'mediawiki', 'redmine')
})
after(() => place?.[Symbol.asyncDispose]())

for (const app of apps) {
  test(`${app.name} comes in two ways, is built again and rolled back`, async (t) => {
    await using repository = await newRepository()
    await app.tree(repository.dir)
    await repository.commit({})
    await place.berth.createApp(app.name)
    if (app.env) await place.setEnv(app.name, app.env(place.database))
    const step = stepsOf(app, t)
    const [first, second] = app.ways

    await step(first, () => place.ways[first](app.name, repository), { serves: false })
    assert.match(await place.log(app.name), app.builds)
    if (app.once) await place.run(app.name, app.once)
    await app.install?.(place.site(app.name))
    await app.serves(place.site(app.name), place.database)

    await step('rebuild', () => place.rebuild(app.name))
    if (typeof second === 'string') await step(second, () => place.ways[second](app.name, repository))
    else await step('metadata', () => place.metadata(app.name, second.metadata))
    await step('rollback', () => place.rollback(app.name))
  })
}

/** Does something to the app, says how long it took, and looks at the page. */
const stepsOf =
  ({ name, serves }: App, t: TestContext) =>
  async (what: string, act: () => Promise<void>, look = { serves: true }) => {
    const started = performance.now()
    await act()
    t.diagnostic(`${what}: ${((performance.now() - started) / 1_000).toFixed(1)} s`)
    if (look.serves) await serves(place.site(name), place.database)
  }
