// The page lives in a circuit on the server. Blazor tries to reconnect ever more rarely; here the server is asked every
// few seconds whether it is back, so that the page is too. A circuit that the server no longer knows, as after a
// restart, is replaced by loading the page afresh.
(() => {
    const modal = document.getElementById('components-reconnect-modal');
    let broken = false;
    let asking = false;

    const pause = milliseconds => new Promise(next => setTimeout(next, milliseconds));
    const answers = async () => {
        try {
            return (await fetch('healthz', { cache: 'no-store' })).ok;
        } catch {
            return false;
        }
    };
    const comeBack = async () => {
        if (asking) return;
        asking = true;
        while (broken) {
            if (await answers() && broken) {
                let same = false;
                try {
                    same = await Blazor.reconnect();
                } catch {
                    // Not this circuit any more.
                }
                // A server that is just stopping still answers: a page that it cannot serve any more must not be asked for.
                await pause(1500);
                if (!same && broken && await answers()) return location.reload();
            }
            await pause(1500);
        }
        asking = false;
    };

    modal.addEventListener('components-reconnect-state-changed', event => {
        broken = event.detail.state !== 'hide';
        if (broken) comeBack();
    });
})();
