import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { buildPlace, stack } from '../harness/builds.ts'
import { mariadb, nodeRed, phpmyadmin, wordpress } from '../harness/upstream.ts'
import { until } from '../harness/wait.ts'

let place: Awaited<ReturnType<typeof buildPlace>>
before(async () => {
  place = await buildPlace()
})
after(() => place.end())

test('WordPress is built unchanged, and its installation completes', async () => {
  const blog = await place.build('blog', await wordpress(place.folder))
  const database = await place.build('database', await mariadb(place.folder, stack))
  await using db = await place.start(database)
  const env = { DB_NAME: 'wp', DB_USER: 'wp', DB_PASSWORD: 'secret', DB_HOST: db.address }
  await using site = await place.start(blog, env)

  const form = new URLSearchParams({
    weblog_title: 'A blog on Berth',
    user_name: 'admin',
    admin_password: 'correct horse battery',
    admin_password2: 'correct horse battery',
    admin_email: 'admin@example.com',
    language: '',
  })
  await until('the installer to reach the database', async () => {
    const asked = await site.fetch('/wp-admin/install.php')
    return (await asked.text()).includes('weblog_title')
  })
  const installed = await site.fetch('/wp-admin/install.php?step=2', { method: 'POST', body: form })
  assert.match(await installed.text(), /Success!/)

  const front = await site.fetch('/')
  assert.equal(front.status, 200)
  assert.match(await front.text(), /A blog on Berth/)
  const pretty = await site.fetch('/no/such/page')
  assert.equal(pretty.status, 404)
  assert.match(await pretty.text(), /A blog on Berth/, 'the front controller answers')
})

test('phpMyAdmin is built unchanged, and asks for a login', async () => {
  const built = await place.build('admin', await phpmyadmin(place.folder))
  const answer = await place.fetchFrom(built, '/')
  assert.equal(answer.status, 200)
  assert.match(answer.body, /<title>phpMyAdmin<\/title>.*pma_username/s)
})

test('Node-RED is built unchanged, and serves its editor', async () => {
  const built = await place.build('red', await nodeRed(place.folder))
  const answer = await place.fetchFrom(built, '/')
  assert.equal(answer.status, 200)
  assert.match(answer.body, /<title>Node-RED<\/title>/)
})
