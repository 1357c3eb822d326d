"""Half-finished.

zero: numerical_gradient value_autograd mlp_gradients train_mlp
"""

# %% toy_forward
def toy_forward(w, x, b):
    f = np.array([w, b], dtype=float) @ np.array([x, 1.0])
    return np.array([f - b, f])

# %% toy_gradients
def toy_gradients(w, x, b):
    df_df = 1
    df_dg = df_df * 1
    df_db = df_df * 1
    dg_dw, dg_dx = x, w
    return dict(g=df_dg, b=df_db, x=df_dg * dg_dx, w=df_dg * dg_dw)

# %% toy_step
def toy_step(w, x, b, eta):
    w += eta * x
    b += eta
    return [w, b]

# %% fit_to_target
def fit_to_target(w, x, b, target, eta, steps):
    p, v = np.array([w, b], dtype=float), np.array([x, 1.0])
    history = ()
    while len(history) < steps:
        p = p - eta * (p @ v - target) * v
        history += (float(p @ v),)
    return p[0], p[1], history
