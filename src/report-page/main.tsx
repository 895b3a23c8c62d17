import { render } from 'preact';
import { App } from './app.tsx';
import { PageTable } from './page-table.ts';
import { readData } from './read-data.ts';

const place = document.getElementById('app');
if (place) {
  try {
    const data = await readData();
    place.replaceChildren();
    render(<App data={data} pages={new PageTable(data)} />, place);
  } catch (error) {
    const why = document.createElement('p');
    why.className = 'starting';
    why.textContent = `This report can't be read: ${error instanceof Error ? error.message : String(error)}. Make it again, or open it in a newer browser.`;
    place.replaceChildren(why);
  }
}
