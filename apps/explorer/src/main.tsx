import './styles/index.css';
import { render } from 'preact';
import { App } from './app.js';
import { createHttpGateway } from './data/http-gateway.js';
import { bindAddressBar } from './state/address-bar.js';
import { createExplorer } from './state/explorer.js';
import { followGateway } from './state/follow.js';

const explorer = createExplorer(createHttpGateway(), Date.now());
bindAddressBar(explorer, window);
followGateway(explorer);
setInterval(() => {
  explorer.nowMs.value = Date.now();
}, 1000);

const root = document.getElementById('app');
if (root === null) throw new Error('index.html: expected an element with id "app"');
render(<App explorer={explorer} />, root);
