"""Everything right, in ways of her own."""

# %% connection_weights
def fully_connected_weights(n_in, n_out):
    return len([(i, o) for i in range(n_in) for o in range(n_out)])


def locally_connected_weights(n_out, f):
    return len({(o, o + u) for o in range(n_out) for u in range(f)})


def convolution_weights(f):
    return len(set(range(f)))

# %% activation_map_size
def activation_map_size(n, f, stride=1, padding=0):
    if min(n, f, stride) <= 0 or padding < 0:
        raise ValueError("senseless")
    places, start = 0, -padding
    while start + f <= n + padding:
        places += 1
        start += stride
    if places == 0:
        raise ValueError("does not fit")
    return places

# %% same_padding
def same_padding(f):
    half, odd = divmod(f, 2)
    if not odd:
        raise ValueError("even")
    return half

# %% pad2d
def pad2d(x, padding):
    x = np.asarray(x)
    *rest, h, w = x.shape
    out = np.zeros((*rest, h + 2 * padding, w + 2 * padding))
    out[..., padding : padding + h, padding : padding + w] = x
    return out

# %% conv1d
def conv1d(x, k, stride=1, padding=0):
    x = [0.0] * padding + [float(v) for v in x] + [0.0] * padding
    k = [float(v) for v in k]
    out, start = [], 0
    while start + len(k) <= len(x):
        total = 0.0
        for u in range(len(k)):
            total += x[start + u] * k[u]
        out.append(total)
        start += stride
    return out

# %% convolution_matrix
def convolution_matrix(k, n):
    return np.array([np.correlate(row, np.asarray(k, float), "valid") for row in np.eye(n)]).T

# %% conv2d
def conv2d(x, weight, bias, stride=1, padding=0):
    C, H, W = x.shape
    K, _, FH, FW = weight.shape
    x, weight, bias = x.tolist(), weight.tolist(), bias.tolist()
    out = []
    for k in range(K):
        out.append([])
        for top in range(-padding, H + padding - FH + 1, stride):
            out[k].append([])
            for left in range(-padding, W + padding - FW + 1, stride):
                total = bias[k]
                for c in range(C):
                    for u in range(FH):
                        for v in range(FW):
                            if 0 <= top + u < H and 0 <= left + v < W:
                                total += x[c][top + u][left + v] * weight[k][c][u][v]
                out[k][-1].append(total)
    return out

# %% conv_layer_parameters
def conv_layer_parameters(k, f, c):
    return np.zeros((k, c, f, f)).size + np.zeros(k).size

# %% conv2d_backward
def conv2d_backward(grad, x, weight, stride=1, padding=0):
    C, H, W = x.shape
    K, _, FH, FW = weight.shape
    g, X, w = grad.tolist(), x.tolist(), weight.tolist()
    dx, dw, db = np.zeros(x.shape).tolist(), np.zeros(weight.shape).tolist(), [0.0] * K
    for k in range(K):
        for i in range(len(g[0])):
            for j in range(len(g[0][0])):
                db[k] += g[k][i][j]
                for c in range(C):
                    for u in range(FH):
                        for v in range(FW):
                            r, s = i * stride + u - padding, j * stride + v - padding
                            if 0 <= r < H and 0 <= s < W:
                                dx[c][r][s] += g[k][i][j] * w[k][c][u][v]
                                dw[k][c][u][v] += g[k][i][j] * X[c][r][s]
    return [dx, dw, db]

# %% pooling
def max_pool2d(x, size=2, stride=None, choose=max):
    step = size if stride is None else stride
    out = []
    for channel in np.asarray(x, float).tolist():
        rows = []
        for i in range(0, len(channel) - size + 1, step):
            row = []
            for j in range(0, len(channel[0]) - size + 1, step):
                row.append(choose([v for r in channel[i : i + size] for v in r[j : j + size]]))
            rows.append(row)
        out.append(rows)
    return out


def avg_pool2d(x, size=2, stride=None):
    return max_pool2d(x, size, stride, choose=lambda values: sum(values) / len(values))

# %% receptive_field
def receptive_field(layers):
    seen = 1
    for f, stride in reversed(layers):
        seen = (seen - 1) * stride + f
    return seen

# %% fully_connected
def fully_connected(x, W, b):
    scores = [float(v) for v in b]
    row = 0
    for channel in x:
        for line in channel:
            for value in line:
                for n in range(len(scores)):
                    scores[n] += float(value) * float(W[row][n])
                row += 1
    return scores

# %% [markdown] three_ideas
# Local receptive fields, weight sharing, subsampling. It moves along with a shift, and it does
# not know rotations.
