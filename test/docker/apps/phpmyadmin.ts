import assert from 'node:assert/strict'
import { fieldOf } from '../../harness/browser.ts'
import { stack, writeFiles } from '../../harness/builds.ts'
import type { App, Site } from './app.ts'

/** The package itself, installed by apt with the web server that its packagers chose; then the image of it. */
export const phpmyadmin: App = {
  name: 'database',
  tree: (folder) => writeFiles(folder, own),
  builds: /Dockerfile/,
  ways: ['git push', 'image file'],
  env: ({ host, port }) => ({ DB_HOST: host, DB_PORT: String(port) }),
  async serves(site, { user, password }) {
    const refused = await logIn(site, user, 'wrong')
    assert.match(refused.body, /Access denied for user/)
    const entered = await logIn(site, user, password)
    assert.match(entered.body, /10\.\d+\.\d+-MariaDB/)
    assert.match(entered.body, new RegExp(`${user}@`))
  },
}

/** Its settings. */
const own = {
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
async function logIn(site: Site, user: string, password: string) {
  const page = await site.visit('/index.php')
  assert.match(page.body, /<title>\s*phpMyAdmin\s*<\/title>/)
  return await site.visit('/index.php?route=/', {
    set_session: fieldOf(page.body, 'set_session'),
    token: fieldOf(page.body, 'token'),
    server: '1',
    route: '/',
    pma_username: user,
    pma_password: password,
  })
}
