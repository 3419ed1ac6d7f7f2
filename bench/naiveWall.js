/** The wall bench's baseline, run in the browser: one element per tile, its parts set anew at each change. */
window.naiveWall = (tiles, changes, seconds) =>
  new Promise((resolve) => {
    document.body.style.cssText = 'display:flex;flex-wrap:wrap;gap:1px;margin:0';
    const cells = Array.from({ length: tiles }, () => {
      const cell = document.createElement('div');
      cell.style.cssText = 'width:10px;height:8px';
      const bar = cell.appendChild(document.createElement('i'));
      bar.style.cssText = 'display:block;height:3px;background:#345';
      cell.title = 'room';
      document.body.append(cell);
      return { cell, bar };
    });
    let frames = 0;
    const startedMs = performance.now();
    const frame = () => {
      for (let n = 0; n < changes; n++) {
        const { cell, bar } = cells[Math.floor(Math.random() * tiles)];
        cell.style.background = ['#cfc', '#ffc', '#fcc', '#ccc'][Math.floor(Math.random() * 4)];
        bar.style.width = `${Math.floor(Math.random() * 10)}px`;
        cell.title = `${Math.random()}`;
      }
      frames += 1;
      const passedMs = performance.now() - startedMs;
      if (passedMs < seconds * 1000) requestAnimationFrame(frame);
      else resolve((frames * 1000) / passedMs);
    };
    requestAnimationFrame(frame);
  });
