import assert from 'node:assert/strict'
import test, { after, before } from 'node:test'
import { changeEnv } from '../../src/contract/env.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { browse, fieldOf } from '../harness/browser.ts'
import { stack } from '../harness/builds.ts'
import { type Database, startMariadb } from '../harness/mariadb.ts'
import { newRepository } from '../harness/repository.ts'

let berth: TestBerth
let database: Database
before(async () => {
  berth = await startBerth()
  database = await startMariadb('harbour')
})
after(async () => {
  await database?.[Symbol.asyncDispose]()
  await berth?.[Symbol.asyncDispose]()
})

test('phpMyAdmin shows its login page, and lets in who may use the database', async () => {
  await using repository = await newRepository(source)
  await berth.createApp('database')
  const set = { DB_HOST: { value: database.host }, DB_PORT: { value: String(database.port) } }
  await berth.client.call(changeEnv, { params: { app: 'database' }, query: {}, body: { set } })
  const pushed = await berth.push(repository, 'database')
  assert.equal(pushed.code, 0, pushed.stderr)

  const refused = await logIn('wrong')
  assert.match(refused.body, /Access denied for user/)
  const entered = await logIn(database.password)
  assert.match(entered.body, /10\.\d+\.\d+-MariaDB/)
  assert.match(entered.body, new RegExp(`${database.user}@`))
})

/** The package itself, installed by apt with the web server that its packagers chose; only its settings are written here. */
const source = {
  Dockerfile: `FROM ${stack}
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update \\
 && apt-get install --yes --no-install-recommends dbconfig-no-thanks phpmyadmin apache2 libapache2-mod-php
COPY site.conf /etc/apache2/sites-enabled/000-default.conf
COPY ports.conf /etc/apache2/ports.conf
COPY database.php /etc/phpmyadmin/conf.d/database.php
EXPOSE 8080
CMD ["apache2ctl", "-D", "FOREGROUND"]
`,
  'ports.conf': 'Listen $' + '{PORT}\n',
  'site.conf': `ErrorLog /dev/stderr
DocumentRoot /usr/share/phpmyadmin
Include /etc/phpmyadmin/apache.conf
`,
  'database.php': `<?php
$cfg['blowfish_secret'] = substr(getenv('COOKIE_SECRET'), 0, 32);
$cfg['Servers'][1] = ['host' => getenv('DB_HOST'), 'port' => getenv('DB_PORT'), 'auth_type' => 'cookie'];
`,
  'berth.yaml': 'env:\n  COOKIE_SECRET: { generate: secret }\n',
}

/** As a browser does: the form's hidden fields go back with the name and the password. */
async function logIn(password: string) {
  const browser = browse(berth.target('database'))
  const page = await browser.visit('/index.php')
  assert.match(page.body, /<title>\s*phpMyAdmin\s*<\/title>/)
  return await browser.visit('/index.php?route=/', {
    set_session: fieldOf(page.body, 'set_session'),
    token: fieldOf(page.body, 'token'),
    server: '1',
    route: '/',
    pma_username: database.user,
    pma_password: password,
  })
}
