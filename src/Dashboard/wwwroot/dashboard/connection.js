// The page lives in a circuit on the server. Blazor reconnects by itself after a short break; when the server was started
// again the circuit is gone, so the page is loaded afresh as soon as the server answers.
(() => {
    const modal = document.getElementById('components-reconnect-modal');
    let waiting = false;
    const reloadOnceUp = async () => {
        if (waiting) return;
        waiting = true;
        for (; ;) {
            try {
                if ((await fetch('healthz', { cache: 'no-store' })).ok) return location.reload();
            } catch {
                // Still away.
            }
            await new Promise(next => setTimeout(next, 2000));
        }
    };
    modal.addEventListener('components-reconnect-state-changed', event => {
        if (event.detail.state === 'failed' || event.detail.state === 'rejected') reloadOnceUp();
    });
})();
